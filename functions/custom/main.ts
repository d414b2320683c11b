// SPDX-License-Identifier: Apache-2.0
import { runProgram } from '../shared/run.ts';
import { customFunction } from './custom.ts';

await runProgram(customFunction);
