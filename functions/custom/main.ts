import { runFunction } from '../shared/run.ts';
import { customFunction } from './custom.ts';

await runFunction(customFunction);
