export { formatPrefix as formatCidr, type Prefix as Cidr } from './prefix.ts';
