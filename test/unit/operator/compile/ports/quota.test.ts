// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { GuestQuota } from '../../../../../api/index.ts';
import { DEFAULT_LIMITS } from '../../../../../operator/compile/limits.ts';
import { compilePod } from '../../../../../operator/compile/ports/pod.ts';
import { ledgerOf } from '../../../../../operator/controllers/network/ledger.ts';
import { observePod } from '../../../../../operator/controllers/pod/snapshot.ts';
import type { WritableStores } from '../../../../../operator/observe/observation.ts';
import type { Pod } from '../../../../../operator/observe/stores.ts';
import { makeNetwork, makePod, makeStores, settle } from '../../world.ts';

function world(quota?: GuestQuota): WritableStores {
  const spec = {
    subnets: [{ cidr: '10.20.0.0/24' }, { cidr: 'fd20::/64' }],
    attach: { namespaces: 'All' as const, ...(quota ? { quota } : {}) },
  };
  const routes = spec.subnets;
  return makeStores([makeNetwork('net', { spec, status: { vni: 7, mtu: 1450, routes } })]);
}

function plan(stores: WritableStores, pod: Pod, limits = DEFAULT_LIMITS) {
  stores.pods.set(pod);
  return compilePod(observePod({ stores, ledger: ledgerOf(stores), pod, limits }));
}

function guest(name: string, networks: string | object = 'shop/net') {
  return makePod(name, { namespace: 'guests', networks });
}

describe('a pod that asks for more addresses than it may have (security.md: guest-exhausts-network)', () => {
  const ips = Array.from({ length: 33 }, (_, i) => `10.20.0.${i + 1}`);

  test('gets none, and is told the limit and where it stands', () => {
    const both = [ips.slice(0, 16), ips.slice(16, 32), ips.slice(32)].map((list) => ({
      name: 'net',
      namespace: 'shop',
      ips: list,
    }));
    const { create, remarks } = plan(world(), guest('greedy', both));
    expect(create).toEqual([]);
    expect(remarks).toMatchObject([{ reason: 'QuotaExceeded' }]);
    expect(remarks[0]?.message).toMatch(
      /33 IPv4 addresses.*may have 32 \(the chart's limits\.addressesPerPod\)/,
    );
    expect(plan(world(), guest('modest', both.slice(0, 2))).create).toHaveLength(2);
  });

  test('over several interfaces together', () => {
    const stores = world({ addressesPerPod: 2 });
    expect(plan(stores, guest('a', 'shop/net, shop/net, shop/net')).remarks).toMatchObject([
      { reason: 'QuotaExceeded', message: expect.stringContaining('element 3') },
    ]);
    settle(stores, plan(stores, guest('b', 'shop/net, shop/net')));
    const more = plan(stores, guest('b', 'shop/net, shop/net, shop/net'));
    expect(more).toMatchObject({ create: [], remarks: [{ reason: 'QuotaExceeded' }] });
  });

  test('by the quota of the network only when it is a guest', () => {
    const stores = world({ addressesPerPod: 1, addressesPerNamespace: 1 });
    expect(plan(stores, makePod('own', { networks: 'net, net' })).create).toHaveLength(2);
  });
});

describe('a namespace that has as many addresses of a network as it may', () => {
  test('gets no more until one of its pods goes; other namespaces do', () => {
    const stores = world({ addressesPerNamespace: 2 });
    const [first] = settle(stores, plan(stores, guest('a')));
    settle(stores, plan(stores, guest('b')));
    const { create, remarks, waitsFor } = plan(stores, guest('c'));
    expect(create).toEqual([]);
    expect(waitsFor).toEqual(['shop/net']);
    expect(remarks[0]?.message).toContain(
      'namespace guests would have 3 IPv4 addresses there, and may have 2',
    );
    expect(plan(stores, makePod('x', { namespace: 'others', networks: 'shop/net' })).create).toHaveLength(1);
    stores.ports.delete(`guests/${first!.metadata.name}`);
    expect(plan(stores, guest('c')).create).toHaveLength(1);
  });
});

test('a namespace has no more interfaces than the chart lets it have', () => {
  const stores = world();
  const limits = { ...DEFAULT_LIMITS, portsPerNamespace: 2 };
  settle(stores, plan(stores, guest('a'), limits));
  const { create, remarks } = plan(stores, guest('b', 'shop/net, shop/net'), limits);
  expect(create).toEqual([]);
  expect(remarks[0]?.message).toContain('has 2 interfaces on networks, and may have 2');
  expect(plan(stores, guest('c'), limits).create).toHaveLength(1);
});
