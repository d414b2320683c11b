// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../../../../api/net/address.ts';
import type { BackendReport } from '../../../../../api/report.ts';
import { Occupancy } from '../../../../../operator/compile/addresses/occupancy.ts';
import { assignAddresses } from '../../../../../operator/compile/function/assign.ts';
import {
  type Candidate,
  compileBackends,
  compileUnknown,
} from '../../../../../operator/compile/function/backends.ts';
import { functionKinds } from '../../../../../operator/compile/function/kinds.ts';
import { compileSelectedPods } from '../../../../../operator/compile/function/selected-pods.ts';
import { compilePools } from '../../../../../operator/compile/network/pools.ts';
import { checkAddresses } from '../../../../../operator/status/function/addresses.ts';
import { summarizeBackends } from '../../../../../operator/status/function/backends.ts';
import { checkFunction } from '../../../../../operator/status/function/checks.ts';
import type { FunctionStatusFacts } from '../../../../../operator/status/function/facts.ts';

const candidate = (name: string, address: string, change: Partial<Candidate> = {}): Candidate => ({
  member: {
    port: `shop/${name}-net1`,
    node: 'worker-1',
    addresses: [address],
    prefixes: [],
    namespace: 'shop',
    podLabels: { app: 'web' },
    namespaceLabels: {},
  },
  pod: `shop/${name}`,
  weight: 100,
  ready: true,
  leaving: false,
  ...change,
});

const web = { network: 'shop', selected: { podSelector: { matchLabels: { app: 'web' } } }, addresses: [] };

describe('the backends of a load balancer', () => {
  test('are the pods that it selects: ready ones take flows, others keep theirs', () => {
    const stranger = candidate('db-1', '10.20.0.9');
    const candidates = [
      candidate('web-2', '10.20.0.6', { leaving: true }),
      candidate('web-1', '10.20.0.5', { weight: 20 }),
      candidate('web-3', '10.20.0.7', { ready: false }),
      { ...stranger, member: { ...stranger.member, podLabels: { app: 'db' } } },
    ];
    expect(compileBackends(web, { candidates, namespace: 'shop' })).toEqual([
      { address: '10.20.0.5', pod: 'shop/web-1', weight: 20 },
      { address: '10.20.0.6', pod: 'shop/web-2', weight: 100, draining: true },
      { address: '10.20.0.7', pod: 'shop/web-3', weight: 100, draining: true, unready: true },
    ]);
  });

  test('by address are told apart where nobody on the network has them', () => {
    const held = ['10.20.0.5', 'fd20::5', '10.30.0.0/24', 'fd30::/64'];
    const addresses = ['10.20.0.5', '10.20.0.6', 'fd20::5', 'fd20::6', '10.30.0.9', 'fd30::9', '10.31.0.9'];
    expect(compileUnknown(addresses, held)).toEqual(['10.20.0.6', 'fd20::6', '10.31.0.9']);
    const owner = { kind: 'LoadBalancer', namespace: 'shop', name: 'web', uid: 'u' } as const;
    const entryOf = (unknown: readonly string[]) => {
      const map = compileSelectedPods({
        owner,
        selectors: [],
        paths: [],
        backends: { pods: undefined, unknown },
      });
      return map.kind === 'ConfigMap' && JSON.parse(map.object.data['peers.json']);
    };
    expect(entryOf(['10.20.0.6'])).toEqual({ paths: [], selectors: {}, unknown: ['10.20.0.6'] });
    expect(entryOf([])).toEqual({ paths: [], selectors: {} });
  });

  test('are told to the function with its paths and its place on them', () => {
    const owner = { kind: 'LoadBalancer', namespace: 'shop', name: 'web', uid: 'u' } as const;
    const paths = [{ pathId: 12, vni: 4097, position: 1, members: [] }];
    const pods = compileBackends(web, { candidates: [candidate('web-1', '10.20.0.5')], namespace: 'shop' });
    const selectedPods = compileSelectedPods({ owner, selectors: [], paths, backends: { pods } });
    expect(selectedPods.kind === 'ConfigMap' && JSON.parse(selectedPods.object.data['peers.json'])).toEqual({
      paths: [{ pathId: 12, vni: 4097, position: 1 }],
      selectors: {},
      backends: [{ address: '10.20.0.5', pod: 'shop/web-1', weight: 100 }],
    });
  });
});

describe('the status of a load balancer', () => {
  const now = new Date('2026-11-28T10:00:00Z');
  const healthy: BackendReport = { address: '10.20.0.5', weight: 100, healthy: true, reason: 'Healthy' };
  const sick: BackendReport = { ...healthy, healthy: false, reason: 'CheckFailed', message: 'answered 503' };

  test('believes the instance that says that a backend takes no flows', () => {
    const summary = summarizeBackends({
      reports: [sick, healthy, { ...healthy, address: '10.20.0.6' }],
      previous: undefined,
      addresses: ['10.20.0.9'],
      now,
    });
    expect(summary).toMatchObject({
      addresses: ['10.20.0.9'],
      summary: '1/2',
      backends: [
        { address: '10.20.0.5', healthy: false, reason: 'CheckFailed', message: 'answered 503' },
        { address: '10.20.0.6', healthy: true },
      ],
    });
  });

  test('says since when, and that stays while nothing changes', () => {
    const first = summarizeBackends({ reports: [healthy], previous: undefined, addresses: [], now });
    expect(first.backends?.[0]?.since).toBe('2026-11-28T10:00:00Z');
    const later = new Date('2026-11-28T11:00:00Z');
    const same = summarizeBackends({ reports: [healthy], previous: first, addresses: [], now: later });
    expect(same).toEqual(first);
    const since = '2026-11-28T10:59:59.500Z';
    const changed = summarizeBackends({
      reports: [{ ...sick, since }],
      previous: first,
      addresses: [],
      now: later,
    });
    expect(changed.backends?.[0]?.since).toBe('2026-11-28T10:59:59Z');
  });

  const facts: FunctionStatusFacts = {
    kind: 'LoadBalancer',
    words: functionKinds.LoadBalancer.words,
    namespace: 'shop',
    generation: 1,
    inputs: 'x',
    desired: 1,
    selector: 'heddle.dev/function=loadbalancer.web',
    problems: [],
    references: [],
    podsTooLarge: undefined,
    instances: [
      {
        pod: 'web-1',
        ready: true,
        report: { generation: 1, inputs: 'x', error: null, rules: [], logged: 0, backends: [] },
      },
    ],
    balancing: { network: 'shop', networkFound: true, hasPath: true, backends: [healthy] },
  };
  const ready = (change: Partial<NonNullable<FunctionStatusFacts['balancing']>>) =>
    checkFunction({ ...facts, balancing: { ...facts.balancing!, ...change } });

  test('is Ready when somebody serves, and says what is missing else', () => {
    expect(ready({}).map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Accepted=True',
      'ResolvedRefs=True',
      'Programmed=True',
      'Ready=True',
    ]);
    expect(ready({ backends: [] }).at(-1)).toMatchObject({ status: 'False', reason: 'NoBackends' });
    expect(ready({ backends: [sick] }).at(-1)).toMatchObject({
      reason: 'NoBackends',
      message: expect.stringContaining('None of 1 backends takes new flows (CheckFailed)'),
    });
    expect(ready({ hasPath: false }).at(-1)).toMatchObject({ reason: 'NoPath' });
    expect(ready({ networkFound: false })[1]).toMatchObject({ reason: 'NetworkNotFound' });
  });
});

describe('an address of a load balancer', () => {
  const pools = compilePools([
    { cidr: '10.20.0.0/16', reserved: ['10.20.0.8-10.20.0.15'] },
    { cidr: 'fd20::/64' },
  ] as never);
  const network = { name: 'shop', pools: pools.kind === 'Pools' ? pools.pools : [] };
  const check = (addresses: readonly string[] | undefined, holders: Readonly<Record<string, string>> = {}) =>
    checkAddresses({
      addresses,
      assigned: [],
      network,
      holdersOf: (address) => [holders[formatAddress(address)]].filter((each) => each !== undefined),
      isOlder: (holder) => holder !== 'younger',
      drainsAt: (holder) => holder === 'drains',
    }).map(({ field, message }) => `${field}: ${message}`);

  test('is a host in a subnet, reserved or not', () => {
    expect(check(['10.20.0.10', 'fd20::9'])).toEqual([]);
    expect(check(['fd20::9', '10.30.0.10'])).toEqual([
      'spec.addresses[1]: 10.30.0.10 is in no subnet of network shop; use one that is',
    ]);
    expect(check(['10.20.255.255'])).toEqual([
      'spec.addresses[0]: 10.20.255.255 is the first or last address of subnet 10.20.0.0/16, which no host can have; use another',
    ]);
  });

  test('is nobody else’s, and of two balancers that of the older one', () => {
    expect(check(['10.20.0.9'], { '10.20.0.9': 'shop/web-0-net1' })).toEqual([
      'spec.addresses[0]: 10.20.0.9 is in use by shop/web-0-net1; use another',
    ]);
    expect(check(['10.20.0.9'], { '10.20.0.9': 'younger' })).toEqual([]);
    expect(check(['10.20.0.9'], { '10.20.0.9': 'drains' })).toEqual([
      'spec.addresses[0]: 10.20.0.9 was taken from drains, whose flows to it drain; wait until it is no longer in status.draining there, or use another',
    ]);
  });

  test('is missed where the spec says none and nothing is free', () => {
    expect(check(undefined)).toEqual([
      'spec.addresses: network shop has no free address; add a subnet, or remove pods. Subnets that are not routed into pods give none (condition Routed of the network)',
    ]);
  });

  test('that was given stays as long as nobody else has it; else it is the next free one', () => {
    const taken = { 4: new Occupancy(), 6: new Occupancy() };
    const assign = (held: readonly string[], busy: readonly string[]) =>
      assignAddresses({
        pools: network.pools,
        held: held.map(parseAddress),
        isFree: (address) => !busy.includes(formatAddress(address)),
        taken: (family) => taken[family],
        recent: () => undefined,
      }).map(formatAddress);
    expect(assign([], [])).toEqual(['10.20.0.1', 'fd20::1']);
    taken[4].add(parseAddress('10.20.0.1').value);
    expect(assign([], [])).toEqual(['10.20.0.2', 'fd20::1']);
    expect(assign(['10.20.0.1', 'fd20::7'], [])).toEqual(['10.20.0.1', 'fd20::7']);
    expect(assign(['10.20.0.1', 'fd20::7'], ['fd20::7'])).toEqual(['10.20.0.1', 'fd20::1']);
    expect(assign(['10.20.0.9', '10.99.0.1'], [])).toEqual(['10.20.0.2', 'fd20::1']); // reserved; of no subnet
  });
});
