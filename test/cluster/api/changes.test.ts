// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { openApiServer, readCorpus } from './manifests.ts';

const server = openApiServer(useNamespace('changes'));
afterAll(() => server.release());

beforeAll(async () => {
  const files = readCorpus('valid').filter(({ name }) =>
    ['network-full', 'chain-smallest', 'port-of-network', 'port-of-function'].includes(name),
  );
  for (const { name, manifest } of files)
    await server.create({ ...manifest, metadata: { name: name.replaceAll('-', '.') } });
});

test.for([
  ['VirtualNetwork', 'network.full', 'vni', 4097],
  ['VirtualNetwork', 'network.full', 'vni', null],
  ['ServiceChain', 'chain.smallest', 'network', 'office'],
  ['Port', 'port.of.network', 'network', { name: 'office' }],
  ['Port', 'port.of.network', 'vni', 5000],
  ['Port', 'port.of.network', 'pod', { uid: 'other' }],
  ['Port', 'port.of.network', 'node', 'worker-2'],
  ['Port', 'port.of.network', 'interface', 'net2'],
  ['Port', 'port.of.network', 'addresses', ['10.20.0.6']],
  ['Port', 'port.of.network', 'mac', '06:00:00:00:00:01'],
  ['Port', 'port.of.function', 'function', { name: 'core' }],
  ['Port', 'port.of.function', 'instance', 8],
] as const)('%s %s: %s cannot be changed to %j', async ([kind, name, field, value]) => {
  const refusal = await server.tryChange(kind, name, { spec: { [field]: value } });
  expect(refusal?.message).toContain(`spec.${field}`);
  expect(refusal?.message).toContain(`${field} cannot be changed`);
});

test.for([
  ['VirtualNetwork', 'network.full', { mtu: 1300, attach: { namespaces: 'All', selector: null } }],
  ['ServiceChain', 'chain.smallest', { priority: 5, ports: [{ protocol: 'ICMP' }] }],
  ['Port', 'port.of.network', { prefixes: ['10.31.0.0/24'], mtu: 1300 }],
] as const)('%s %s takes the change %j', async ([kind, name, spec]) => {
  expect(await server.tryChange(kind, name, { spec })).toBeUndefined();
});

test('`spec.vni` cannot be added to a network that was created without it', async () => {
  await server.create({
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'VirtualNetwork',
    metadata: { name: 'unpinned' },
    spec: { subnets: [{ cidr: '10.20.0.0/16' }] },
  });
  const refusal = await server.tryChange('VirtualNetwork', 'unpinned', { spec: { vni: 77 } });
  expect(refusal?.message).toContain('vni cannot be changed');
});
