// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { ChainSlice, ServiceChain } from '../../../../../api/index.ts';
import type { Member } from '../../../../../operator/compile/chain/classifier.ts';
import { compileChain } from '../../../../../operator/compile/chain/compile.ts';

const members = Array.from(
  { length: 700 },
  (_, index): Member => ({
    port: `shop/pod-${index}`,
    node: 'worker-1',
    addresses: [`10.0.${index >> 8}.${index & 0xff}`],
    prefixes: [],
    namespace: 'shop',
    podLabels: { role: index % 2 ? 'client' : 'server' },
    namespaceLabels: {},
  }),
);

function chain(generation: number, spec: Partial<ServiceChain['spec']> = {}): ServiceChain {
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'ServiceChain',
    metadata: {
      namespace: 'shop',
      name: 'web',
      uid: 'u',
      generation,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      network: 'main',
      priority: 1000,
      from: [{ podSelector: { matchLabels: { role: 'client' } } }],
      to: [{ podSelector: { matchLabels: { role: 'server' } } }],
      functions: [],
      ...spec,
    } as ServiceChain['spec'],
  };
}

function compile(of: ServiceChain, slices: readonly ChainSlice[], pods = members): readonly ChainSlice[] {
  const place = { network: { namespace: 'shop', name: 'main' }, vni: 7, pathId: 3 };
  const reports = { accusers: () => [], isReady: () => true, hasReport: () => true };
  const ends = { from: of.spec.from, to: of.spec.to, virtual: [] };
  return compileChain({ chain: of, ends, place, members: pods, hops: [], reports, slices }).slices;
}

describe('of the slices of a chain', () => {
  const first = compile(chain(1), []);
  const changed = (after: readonly ChainSlice[]) =>
    after.filter(({ spec }, index) => spec !== first[index]?.spec).map(({ spec }) => spec.slice);

  test('an edit of its priority or ports writes the first one only, whatever their number', () => {
    expect(first).toHaveLength(3);
    const edited = compile(chain(2, { priority: 5, ports: [{ protocol: 'TCP', port: 80 }] }), first);
    expect(changed(edited)).toEqual([0]);
    expect(edited[0]?.spec).toMatchObject({ generation: 2, priority: 5, ports: [{ port: 80 }] });
  });

  test('a pod that goes is taken out of the one that names it', () => {
    const without = members.filter(({ addresses }) => addresses[0] !== first[2]?.spec.to.addresses?.[0]);
    expect(changed(compile(chain(1), first, without))).toEqual([0, 2]);
  });
});
