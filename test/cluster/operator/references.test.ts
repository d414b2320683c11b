// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { LoadBalancer } from '../../../api/index.ts';
import { apply, get } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { usePhantomNode } from '../network/phantom-node.ts';
import { chainWorldOf, heddleObject } from './world.ts';

const node = usePhantomNode();
const world = chainWorldOf(useNamespace('references'), node);

test('a chain that names a missing firewall classifies its traffic, and mends by itself when the firewall comes', async () => {
  await world.network('shop');
  await world.pods('shop', { client: { role: 'client' }, web: { app: 'web' } });
  await world.chain('storefront', {
    network: 'shop',
    from: [{ podSelector: { matchLabels: { role: 'client' } } }],
    to: [{ podSelector: { matchLabels: { app: 'web' } } }],
    functions: [{ kind: 'Firewall', name: 'edge' }],
  });
  const message = await world.chainSays('storefront', 'ResolvedRefs', 'False', 'FunctionNotFound');
  expect(message).toContain(`functions[0].name: there is no Firewall ${world.namespace}/edge`);
  expect(message).toContain('flows are dropped (onFailure: Closed)');

  const [slice] = await eventually('the slice is there', async () => {
    const slices = await world.slices('storefront');
    return slices[0]?.spec.from.addresses?.length ? slices : undefined;
  });
  expect(slice?.spec).toMatchObject({
    pathId: (await world.readChain('storefront')).status?.pathId,
    hops: [{ kind: 'Firewall', name: 'edge', onFailure: 'Closed', instances: [] }],
    from: { any: false, addresses: [expect.stringMatching(/^10\.20\./)] },
    to: { any: false, addresses: [expect.stringMatching(/^10\.20\./)] },
  });

  await world.firewall('edge');
  await world.chainSays('storefront', 'ResolvedRefs', 'True', 'Resolved');
  expect((await world.readChain('storefront')).status).toMatchObject({
    path: 'fw/edge',
    functions: [{ kind: 'Firewall', name: 'edge', ready: 0, desired: 1, state: 'Failed' }],
    classifiedPorts: 2,
  });
});

test('a chain whose network is missing says so and takes its traffic as soon as the network comes', async () => {
  await world.firewall('inner');
  await world.chain('early', { network: 'coming', functions: [{ kind: 'Firewall', name: 'inner' }] });
  const message = await world.chainSays('early', 'ResolvedRefs', 'False', 'NetworkNotFound');
  expect(message).toContain(`there is no VirtualNetwork ${world.namespace}/coming`);
  expect(await world.slices('early')).toEqual([]);
  await world.network('coming');
  await world.chainSays('early', 'ResolvedRefs', 'True', 'Resolved');
  expect(await world.slices('early')).toMatchObject([{ spec: { from: { any: true }, to: { any: true } } }]);
});

test('a chain is programmed when the node of its pods has reported its slices as they are now, and not before', async () => {
  const chain = 'storefront';
  const message = await world.chainSays(chain, 'Programmed', 'False', 'NodesBehind');
  expect(message).toContain(node);
  await world.programmed(chain);

  await world.pods('shop', { 'client-2': { role: 'client' } });
  await world.chainSays(chain, 'Programmed', 'False', 'NodesBehind');
  await world.programmed(chain);
});

test('a chain with the longest name that the API server takes is programmed', async () => {
  const name = 'a'.repeat(253);
  await world.chain(name, {
    network: 'shop',
    from: [{ podSelector: { matchLabels: { app: 'web' } } }],
    functions: [{ kind: 'Firewall', name: 'edge' }],
  });
  await world.programmed(name);
  expect(await world.slices(name)).toMatchObject([{ spec: { chain: name } }]);
});

test('a load balancer with a dot in its name has its Service and its chain', async () => {
  const balancer = heddleObject('LoadBalancer', 'web.v2', {
    network: 'shop',
    listeners: [{ name: 'http', protocol: 'TCP', port: 80 }],
    backends: { podSelector: { matchLabels: { app: 'web' } } },
    expose: { type: 'NodePort' },
    replicas: 0,
  });
  await apply([balancer], world.namespace);
  await eventually('the Service of web.v2 is there', async () => {
    const { status } = await get<LoadBalancer>('loadbalancer', 'web.v2', world.namespace);
    const exposed = status?.conditions?.find(({ type }) => type === 'Exposed');
    return exposed?.reason === 'ServiceReady';
  });
  await world.chainSays('web.v2.lb', 'ResolvedRefs', 'True', 'Resolved');
});
