// SPDX-License-Identifier: Apache-2.0
import { afterEach } from 'vitest';
import { collectArtifacts } from '../../../tools/cluster/artifacts.ts';

// Before the namespace of a failed test is deleted, its artifacts are saved.
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  const folder = await collectArtifacts(task.name);
  console.error(`What is needed to understand the failure of "${task.name}": ${folder}`);
});
