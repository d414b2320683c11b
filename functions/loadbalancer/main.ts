// SPDX-License-Identifier: Apache-2.0
import { runProgram } from '../shared/run.ts';
import { loadBalancer } from './loadbalancer.ts';

await runProgram(loadBalancer);
