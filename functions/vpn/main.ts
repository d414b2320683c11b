// SPDX-License-Identifier: Apache-2.0
import { runProgram } from '../shared/run.ts';
import { vpn } from './vpn.ts';

await runProgram(vpn);
