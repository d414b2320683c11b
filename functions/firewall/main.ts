import { runFunction } from '../shared/run.ts';
import { firewall } from './firewall.ts';

await runFunction(firewall);
