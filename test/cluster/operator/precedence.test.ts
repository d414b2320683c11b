// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { kubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { usePhantomNode } from '../network/phantom-node.ts';
import { chainWorldOf } from './world.ts';

const world = chainWorldOf(useNamespace('precedence'), usePhantomNode());
const functions = [{ kind: 'Firewall', name: 'edge' }];

test('a shadowed chain names the chain that hides it, until that one is narrowed or deleted', async () => {
  await world.network('shop');
  await world.firewall('edge', { replicas: 0 });
  await world.pods('shop', { client: { role: 'client' } });
  await world.chain('wide', { network: 'shop', priority: 2000, functions });
  const from = [{ podSelector: { matchLabels: { role: 'client' } } }];
  await world.chain('narrow', { network: 'shop', from, functions });
  const message = await world.chainSays('narrow', 'Shadowed', 'True', 'ShadowedByChain');
  expect(message).toContain(`ServiceChain ${world.namespace}/wide`);
  await world.chainSays('wide', 'Shadowed', 'False', 'NotShadowed');

  await world.chain('wide', {
    network: 'shop',
    priority: 2000,
    functions,
    ports: [{ protocol: 'TCP', port: 80 }],
  });
  await world.chainSays('narrow', 'Shadowed', 'False', 'NotShadowed');
  await world.chain('wide', { network: 'shop', priority: 2000, functions });
  await world.chainSays('narrow', 'Shadowed', 'True', 'ShadowedByChain');
  await world.remove('servicechain', 'wide');
  await world.chainSays('narrow', 'Shadowed', 'False', 'NotShadowed');
});

test('of two chains with the same path id the younger one gets a new id, also on its nodes', async () => {
  await world.chain('first', { network: 'shop', functions });
  const older = await eventually('the first has its id', async () => {
    return (await world.readChain('first')).status?.pathId;
  });
  await new Promise((resolve) => setTimeout(resolve, 1100)); // Creation times have whole seconds.
  await world.chain('second', { network: 'shop', functions });
  await eventually('the second is on its nodes', async () => (await world.slices('second')).length === 1);
  const patch = JSON.stringify({ status: { pathId: older } });
  await kubectl(['patch', 'servicechain', 'second', '--subresource=status', '--type=merge', '-p', patch], {
    namespace: world.namespace,
  });
  const other = await eventually('the second has another id', async () => {
    const { pathId } = (await world.readChain('second')).status ?? {};
    return pathId !== older ? pathId : undefined;
  });
  await eventually('its slice has it too', async () => {
    const [slice] = await world.slices('second');
    return slice?.spec.pathId === other;
  });
  expect((await world.readChain('first')).status?.pathId).toBe(older);
});
