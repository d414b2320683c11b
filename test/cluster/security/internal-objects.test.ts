// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { usePhantomNode } from '../network/phantom-node.ts';
import { worldOf } from '../network/world.ts';
import { type Account, makeTenant, refusalOf } from './account.ts';

const node = usePhantomNode();
const namespace = useNamespace('owned');
const victim = useNamespace('victim');
const within = { namespace };
const REFUSAL = /of Heddle are written by its operator and agents only/;
const VNI = 4097;
let owner: Account;

beforeAll(async () => {
  // All rights in its own namespace, as owners of namespaces have in many clusters.
  owner = await makeTenant('owner', namespace, ['cluster-admin']);
  await worldOf(victim, node).network('shop', { subnets: [{ cidr: '10.20.0.0/24' }] });
});

const port = {
  apiVersion: 'heddle.dev/v1alpha1',
  kind: 'Port',
  metadata: { name: 'thief-net1-000000' },
  spec: {
    network: { namespace: victim, name: 'shop' },
    vni: VNI,
    pod: { name: 'thief', uid: '00000000-0000-0000-0000-000000000000' },
    node: 'nowhere',
    interface: 'net1',
    addresses: ['10.20.0.66'],
    mac: '06:00:00:00:00:66',
    prefixes: ['0.0.0.0/0'],
    mtu: 1400,
  },
};
const slice = {
  apiVersion: 'internal.heddle.dev/v1alpha1',
  kind: 'ChainSlice',
  metadata: { name: 'thief-0' },
  spec: {
    chain: 'thief',
    generation: 1,
    network: { namespace: victim, name: 'shop' },
    vni: VNI,
    pathId: 1,
    priority: 10_000,
    createdAt: '2026-01-01T00:00:00Z',
    slice: 0,
    slices: 1,
    hops: [{ kind: 'Firewall', name: 'thief', onFailure: 'Closed', instances: [] }],
    from: { any: true },
    to: { any: true },
  },
};

describe('who may do everything in a namespace (security.md: tenant-writes-internal-objects)', () => {
  test('makes no Port in a network of others, nor with addresses of others', async () => {
    expect(refusalOf(await owner.create(port, within))).toMatch(REFUSAL);
  });

  test('makes no slice of a chain on a network of others', async () => {
    expect(refusalOf(await owner.create(slice, within))).toMatch(REFUSAL);
  });

  test('gives its network no VNI, and its pod no prefix', async () => {
    const there = worldOf(namespace, node);
    await there.network('own', { subnets: [{ cidr: '10.20.0.0/24' }] });
    await there.pod('client', 'own');
    const [made] = await there.acceptedPorts('client');
    const merge = (value: object) => ['--type=merge', '-p', JSON.stringify(value)];
    const status = ['patch', 'virtualnetworks.heddle.dev', 'own', '--subresource=status'];
    const stolen = await owner.try([...status, ...merge({ status: { vni: VNI } })], within);
    expect(refusalOf(stolen)).toMatch(REFUSAL);
    const change = ['patch', 'ports.heddle.dev', made!.metadata.name];
    const wide = await owner.try([...change, ...merge({ spec: { prefixes: ['0.0.0.0/0'] } })], within);
    expect(refusalOf(wide)).toMatch(REFUSAL);
    const labelled = await owner.try(
      [...change, ...merge({ metadata: { annotations: { a: 'b' } } })],
      within,
    );
    expect(refusalOf(labelled)).toBe('not refused');
  });
});
