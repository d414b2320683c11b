import { runFunction } from '../shared/run.ts';
import { vpn } from './vpn.ts';

await runFunction(vpn);
