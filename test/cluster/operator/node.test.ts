// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { kubectl, list, readTarget } from '../../../tools/cluster/kubectl.ts';
import { eventually, holds } from '../../../tools/cluster/wait.ts';
import { createNode, report } from '../network/phantom-node.ts';

const reports = async () => {
  const all = await list('nodereports.internal.heddle.dev', { namespace: readTarget().system });
  return all.map(({ metadata }) => metadata.name);
};

test('the NodeReport of a node exists as long as the node', async () => {
  const name = `phantom-${randomBytes(3).toString('hex')}`;
  await createNode(name);
  await report(name, { underlayMtu: 1500 });
  await holds('the report is there', async () => (await reports()).includes(name), { forMs: 3000 });
  await kubectl(['delete', 'node', name]);
  await eventually('the report is gone', async () => !(await reports()).includes(name));
  expect(await reports()).not.toContain(name);
});
