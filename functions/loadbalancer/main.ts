import { runFunction } from '../shared/run.ts';
import { loadBalancer } from './loadbalancer.ts';

await runFunction(loadBalancer);
