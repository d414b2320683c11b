// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { addressesOf, condition, makeNetwork, makePod, makeStores, planFor, settle } from '../../world.ts';

describe('the Ports of a pod', () => {
  test('have other addresses on each network, whatever is asked for and free there', () => {
    const stores = makeStores([
      makeNetwork('one', { spec: { subnets: [{ cidr: '10.20.0.0/24' }] }, status: { vni: 8 } }),
      makeNetwork('two', { spec: { subnets: [{ cidr: '10.20.0.0/24' }] }, status: { vni: 9 } }),
    ]);
    const of = (name: string, networks: Parameters<typeof makePod>[1]) =>
      planFor(stores, makePod(name, networks));
    expect(addressesOf(of('a', { networks: 'one, two' }))).toEqual([['10.20.0.1'], ['10.20.0.2']]);
    const asked = [{ name: 'one' }, { name: 'two', ips: ['10.20.0.1'] }];
    expect(addressesOf(of('b', { networks: asked }))).toEqual([['10.20.0.2'], ['10.20.0.1']]);
    // One that comes later avoids what the pod has.
    const late = makePod('c', { networks: 'one' });
    stores.pods.set(late);
    settle(stores, planFor(stores, late));
    expect(addressesOf(of('c', { networks: 'one, two' }))).toEqual([['10.20.0.2']]);
  });

  test('have no address that the pod has from its own network; one that was given before it is taken back', () => {
    const stores = makeStores([makeNetwork('over', { spec: { subnets: [{ cidr: '10.244.1.0/24' }] } })]);
    const early = makePod('a', { networks: 'over' });
    const started = { ...early, status: { ...early.status, podIPs: ['10.244.1.1'] } };
    stores.pods.set(started);
    const [port] = settle(stores, planFor(stores, early));
    expect(port?.spec.addresses).toEqual(['10.244.1.1']);
    expect(planFor(stores, started)).toMatchObject({ create: [], remove: [{ metadata: port?.metadata }] });
    const attached = { ...port!, status: { conditions: [condition('Ready', 'True', 'Attached')] } };
    stores.ports.set(attached);
    expect(planFor(stores, started).remove).toEqual([]);
    const fresh = makeStores([makeNetwork('over', { spec: { subnets: [{ cidr: '10.244.1.0/24' }] } })]);
    expect(addressesOf(planFor(fresh, started))).toEqual([['10.244.1.2']]);
    const asked = makePod('a', { networks: [{ name: 'over', ips: ['10.244.1.1'] }] });
    expect(planFor(fresh, { ...asked, status: started.status })).toMatchObject({
      create: [],
      remarks: [{ reason: 'AddressInUse' }],
    });
  });

  test('have addresses of subnets that are routed into the pod, and wait where that is not known yet', () => {
    const status = (generation: number, routes: readonly { cidr: string; clusterRanges?: 'Kept' }[]) => ({
      vni: 8,
      observedGeneration: generation,
      routes: [...routes],
    });
    const subnets = [{ cidr: '10.244.0.0/16' }, { cidr: '10.9.0.0/24' }];
    const plan = (options: { status: ReturnType<typeof status>; namespace?: string }) => {
      const network = makeNetwork('net', {
        metadata: { generation: 2 },
        spec: { subnets, attach: { namespaces: 'All' } },
        status: options.status,
      });
      const { namespace } = options;
      const pod = makePod('a', { networks: 'shop/net', ...(namespace === undefined ? {} : { namespace }) });
      return planFor(makeStores([network]), pod);
    };
    const kept = { cidr: '10.244.0.0/16', clusterRanges: 'Kept' } as const;
    const other = { cidr: '10.9.0.0/24' };
    expect(addressesOf(plan({ status: status(2, [kept, other]) }))).toEqual([['10.244.0.1']]);
    expect(addressesOf(plan({ status: status(2, [other]) }))).toEqual([['10.9.0.1']]);
    expect(addressesOf(plan({ status: status(2, [kept, other]), namespace: 'guests' }))).toEqual([
      ['10.9.0.1'],
    ]);
    expect(plan({ status: status(1, [other]) })).toMatchObject({
      create: [],
      remarks: [],
      waitsFor: ['shop/net'],
    });
  });

  test('of one network have different addresses, though none of them is claimed yet', () => {
    const plan = planFor(makeStores(), makePod('a', { networks: 'net, net, net' }));
    expect(addressesOf(plan)).toEqual([['10.20.0.1'], ['10.20.0.2'], ['10.20.0.3']]);
    expect(new Set(plan.create.map(({ claim }) => claim.mac)).size).toBe(3);
  });

  test('step over what the same pod asks for at another interface', () => {
    const networks = [{ name: 'net', ips: ['10.20.0.1'] }, { name: 'net' }];
    expect(addressesOf(planFor(makeStores(), makePod('a', { networks })))).toEqual([
      ['10.20.0.1'],
      ['10.20.0.2'],
    ]);
  });

  test('take the first subnet with room', () => {
    const subnets = [{ cidr: '10.1.0.0/31' }, { cidr: '10.2.0.0/24' }];
    const stores = makeStores([makeNetwork('net', { spec: { subnets } })]);
    const given = ['a', 'b', 'c'].map((name) =>
      settle(stores, planFor(stores, makePod(name, { networks: 'net' }))),
    );
    expect(given.flat().map((port) => port.spec.addresses)).toEqual([
      ['10.1.0.0'],
      ['10.1.0.1'],
      ['10.2.0.1'],
    ]);
    stores.ports.delete(`shop/${given[0]![0]!.metadata.name}`);
    expect(addressesOf(planFor(stores, makePod('d', { networks: 'net' })))).toEqual([['10.1.0.0']]);
  });
});
