// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { usePhantomNode } from '../network/phantom-node.ts';
import { useInstances } from './instances.ts';
import { chainWorldOf } from './world.ts';

const world = chainWorldOf(useNamespace('edits'), usePhantomNode());
const instances = useInstances(world.namespace);
const functions = [{ kind: 'Firewall', name: 'edge' }];

test('a chain that is edited ten times a second ends with its last edit, and does not affect other chains', async () => {
  await world.network('shop');
  await world.firewall('edge', { replicas: 0 });
  await world.pods('shop', { client: { role: 'client' } });
  const from = [{ podSelector: { matchLabels: { role: 'client' } } }];
  await world.chain('calm', { network: 'shop', from, functions, priority: 2000 });
  await world.chain('busy', { network: 'shop', from, functions });
  await eventually('both are there', async () => {
    const slices = [...(await world.slices('calm')), ...(await world.slices('busy'))];
    return slices.length === 2;
  });
  await eventually('the status of the calm one is settled', async () => {
    const before = (await instances.chain('calm')).metadata.resourceVersion;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return (await instances.chain('calm')).metadata.resourceVersion === before;
  });
  const slice = (await instances.slice('calm')).metadata.resourceVersion;
  const chain = (await instances.chain('calm')).metadata.resourceVersion;

  for (let i = 1; i <= 50; i += 1) {
    const due = performance.now() + 100;
    await instances.edit('busy', { ports: [{ protocol: 'TCP', port: i }], priority: 1000 + i });
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
  const since = performance.now();
  await eventually(
    'the last edit is on the nodes',
    async () => (await instances.slice('busy')).spec.priority === 1050,
    { intervalMs: 15 },
  );
  expect(performance.now() - since).toBeLessThan(1000);
  expect((await instances.slice('busy')).spec.ports).toEqual([{ protocol: 'TCP', port: 50 }]);
  expect((await instances.slice('calm')).metadata.resourceVersion).toBe(slice);
  expect((await instances.chain('calm')).metadata.resourceVersion).toBe(chain);
});
