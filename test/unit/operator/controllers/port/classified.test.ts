// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { ChainSlice, Port, ServiceChain } from '../../../../../api/index.ts';
import { portsNamedAnew, unclassifiedBy } from '../../../../../operator/controllers/port/classified.ts';
import { createStores } from '../../../../../operator/observe/observation.ts';

const API = 'heddle.dev/v1alpha1' as const;
const meta = (name: string) => ({ namespace: 'shop', name, uid: name, resourceVersion: '1' });

/** A claim of a client, and a chain from clients whose slice names these addresses. */
function world(options: {
  readonly named: readonly string[];
  readonly accepted?: boolean;
  readonly labels?: Record<string, string>;
}) {
  const stores = createStores();
  stores.namespaces.set({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', uid: 'shop', labels: {} },
  });
  stores.pods.set({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...meta('client'),
      labels: options.labels ?? { role: 'client' },
      annotations: {},
      ownerReferences: [],
    },
    spec: { nodeName: 'one', hostNetwork: false },
    status: { phase: 'Pending', podIPs: [], ready: false },
  });
  const port: Port = {
    apiVersion: API,
    kind: 'Port',
    metadata: meta('client-net1'),
    spec: {
      network: { namespace: 'shop', name: 'net' },
      vni: 7,
      pod: { name: 'client', uid: 'client' },
      node: 'one',
      interface: 'net1',
      addresses: ['10.20.0.2', 'fd20::2'],
    },
  };
  stores.ports.set(port);
  const status = options.accepted === false ? 'False' : 'True';
  stores.serviceChains.set({
    apiVersion: API,
    kind: 'ServiceChain',
    metadata: meta('chain'),
    spec: {
      network: 'net',
      priority: 1000,
      from: [{ podSelector: { matchLabels: { role: 'client' } } }],
      functions: [{ kind: 'Firewall', name: 'edge', onFailure: 'Closed' }],
    },
    status: {
      conditions: [
        {
          type: 'Accepted',
          status,
          reason: 'Valid',
          message: '',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    },
  } as unknown as ServiceChain);
  stores.chainSlices.set({
    apiVersion: 'internal.heddle.dev/v1alpha1',
    kind: 'ChainSlice',
    metadata: meta('chain-0'),
    spec: {
      chain: 'chain',
      generation: 1,
      network: { namespace: 'shop', name: 'net' },
      vni: 7,
      pathId: 1,
      priority: 1000,
      createdAt: '2026-01-01T00:00:00Z',
      slice: 0,
      slices: 1,
      from: { any: false, addresses: [...options.named] },
      to: { any: true },
    },
  } as ChainSlice);
  return { stores, port };
}

describe('a claim', () => {
  test('waits for the chain that selects its pod to name its addresses, each of them', () => {
    for (const named of [[], ['10.20.0.2'], ['fd20::2', '10.20.0.3']]) {
      const { stores, port } = world({ named });
      expect(unclassifiedBy(stores, port)).toEqual(['shop/chain']);
    }
  });

  test('waits for nothing once they are named', () => {
    const { stores, port } = world({ named: ['10.20.0.2', 'fd20::2'] });
    expect(unclassifiedBy(stores, port)).toEqual([]);
  });

  test('of a pod that no chain selects, or only one that is not in force, waits for nothing', () => {
    const other = world({ named: [], labels: { role: 'server' } });
    expect(unclassifiedBy(other.stores, other.port)).toEqual([]);
    const refused = world({ named: [], accepted: false });
    expect(unclassifiedBy(refused.stores, refused.port)).toEqual([]);
  });

  test('is looked at again by the slice that names it, and by no other', () => {
    const { stores, port } = world({ named: ['10.20.0.2', 'fd20::2'] });
    const [slice] = stores.chainSlices.values();
    const without = { ...slice!, spec: { ...slice!.spec, from: { any: false, addresses: ['fd20::2'] } } };
    expect(portsNamedAnew(stores, without, slice)).toEqual(['shop/client-net1']);
    expect(portsNamedAnew(stores, slice, slice)).toEqual([]);
    expect(portsNamedAnew(stores, slice, undefined)).toEqual([]);
    const elsewhere = { ...slice!, spec: { ...slice!.spec, vni: 8 } };
    expect(portsNamedAnew(stores, undefined, elsewhere)).toEqual([]);
    const conditions = [
      {
        type: 'Accepted',
        status: 'True' as const,
        reason: '',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ];
    stores.ports.set({ ...port, status: { conditions } });
    expect(portsNamedAnew(stores, without, slice)).toEqual([]);
  });
});
