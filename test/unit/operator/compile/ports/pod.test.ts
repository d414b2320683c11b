// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { condition, makeNetwork, makePod, makeStores, planFor, settle } from '../../world.ts';

const dual = makeNetwork('dual', {
  spec: { subnets: [{ cidr: '10.20.0.0/29', reserved: ['10.20.0.1-10.20.0.2'] }, { cidr: 'fd20::/64' }] },
  status: { vni: 7, mtu: 1450 },
});

describe('a pod whose wish cannot be met gets no Port at all, and one message:', () => {
  const refusals: readonly [string, string | object, string, RegExp][] = [
    [
      'a network that is missing',
      'net, nope',
      'NetworkNotFound',
      /element 2: network shop\/nope does not exist/,
    ],
    ['one that keeps its namespace out', 'elsewhere/closed', 'NamespaceNotAllowed', /pods of namespace shop/],
    ['one that is being deleted', 'leaving', 'NetworkDeleting', /shop\/leaving is being deleted/],
    ['one that is refused', 'refused', 'NetworkNotAccepted', /not accepted: vni 5 is held/],
    [
      'an address outside',
      [{ name: 'net', ips: ['10.9.9.9'] }],
      'AddressNotAllowed',
      /10\.9\.9\.9 is in none of its subnets/,
    ],
    [
      'an address of the wrong family',
      [{ name: 'net', ips: ['fd00::1'] }],
      'AddressNotAllowed',
      /fd00::1 is in none/,
    ],
    [
      'an address with the prefix of another subnet',
      [{ name: 'net', ips: ['10.20.0.9/16'] }],
      'AddressNotAllowed',
      /10\.20\.0\.9\/16 does not fit its subnet 10\.20\.0\.0\/24; write 10\.20\.0\.9\/24, or the address alone/,
    ],
    [
      'a reserved address',
      [{ name: 'dual', ips: ['10.20.0.2'] }],
      'AddressNotAllowed',
      /is reserved in subnet 10\.20\.0\.0\/29/,
    ],
    [
      'an address that is taken',
      [{ name: 'net', ips: ['10.20.0.1'] }],
      'AddressInUse',
      /in use by Port shop\/holder-net1-/,
    ],
    [
      'a MAC that is taken',
      [{ name: 'net', mac: '02:00:00:00:00:01' }],
      'AddressInUse',
      /mac 02:00:00:00:00:01 is in use/,
    ],
    [
      'an address asked for twice',
      [
        { name: 'net', ips: ['10.20.0.9'] },
        { name: 'net', ips: ['10.20.0.9'] },
      ],
      'AddressInUse',
      /asked for twice/,
    ],
    [
      'an address that it has on another network',
      [
        { name: 'net', ips: ['10.20.0.4'] },
        { name: 'dual', ips: ['10.20.0.4'] },
      ],
      'AddressInUse',
      /10\.20\.0\.4 is on another interface of this pod/,
    ],
    [
      'a subnet that is the cluster’s in pods',
      'over',
      'SubnetNotRouted',
      /10\.244\.0\.0\/16 is not routed into this pod/,
    ],
    [
      'an address of a subnet that is the cluster’s in pods',
      [{ name: 'partly', ips: ['10.244.0.9'] }],
      'SubnetNotRouted',
      /10\.244\.0\.0\/16 is not routed into this pod/,
    ],
    ['a full subnet', 'full', 'SubnetExhausted', /no free IPv4 address \(10\.7\.0\.0\/32 full\)/],
    ['an annotation that is no list', '{"name": "net"}', 'InvalidAnnotation', /must be a JSON list/],
  ];

  test.each(refusals)('%s', (_what, networks, reason, message) => {
    const stores = makeStores([
      makeNetwork('net'),
      dual,
      makeNetwork('leaving', {
        metadata: { deletionTimestamp: '2026-11-23T16:00:00Z' },
        status: { vni: 11 },
      }),
      makeNetwork('refused', {
        status: {
          conditions: [{ ...condition('Accepted', 'False', 'VniConflict'), message: 'vni 5 is held' }],
        },
      }),
      makeNetwork('closed', { metadata: { namespace: 'elsewhere' }, status: { vni: 12 } }),
      makeNetwork('over', {
        spec: { subnets: [{ cidr: '10.244.0.0/16' }] },
        status: { vni: 14, observedGeneration: 1, routes: [] },
      }),
      makeNetwork('partly', {
        spec: { subnets: [{ cidr: '10.244.0.0/16' }, { cidr: '10.9.0.0/24' }] },
        status: { vni: 15, observedGeneration: 1, routes: [{ cidr: '10.9.0.0/24' }] },
      }),
      makeNetwork('full', { spec: { subnets: [{ cidr: '10.7.0.0/32' }] }, status: { vni: 13 } }),
    ]);
    for (const pod of [
      makePod('holder', { networks: [{ name: 'net', mac: '02:00:00:00:00:01' }] }),
      makePod('filler', { networks: 'full' }),
    ]) {
      stores.pods.set(pod);
      settle(stores, planFor(stores, pod));
    }
    const plan = planFor(stores, makePod('a', { networks }));
    expect(plan.create).toEqual([]);
    expect(plan.remarks).toMatchObject([
      { type: 'Warning', reason, message: expect.stringMatching(message) },
    ]);
  });

  test('the network of its node', () => {
    const plan = planFor(makeStores(), makePod('a', { networks: 'net', hostNetwork: true }));
    expect(plan).toMatchObject({ create: [], remarks: [{ reason: 'HostNetworkRefused' }] });
  });
});
