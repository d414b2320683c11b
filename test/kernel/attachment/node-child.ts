// SPDX-License-Identifier: Apache-2.0
import { openSync } from 'node:fs';
import { setNetworkNamespace } from '../../../agent/kernel/child/libc.ts';

/**
 * The kernel child process on a node of the test. It moves into that namespace first, so that host sides never appear
 * on the machine that runs the tests.
 */
const path = process.env.HEDDLE_TEST_NODE_NETNS;
if (path === undefined) throw new Error('HEDDLE_TEST_NODE_NETNS is not set');
setNetworkNamespace(openSync(path, 'r'));
await import('../../../agent/kernel/child.ts');
