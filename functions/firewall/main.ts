// SPDX-License-Identifier: Apache-2.0
import { runProgram } from '../shared/run.ts';
import { firewall } from './firewall.ts';

await runProgram(firewall);
