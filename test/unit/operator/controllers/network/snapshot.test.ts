// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { NodeReportStatus, VirtualNetworkStatus } from '../../../../../api/index.ts';
import { limitMtu } from '../../../../../operator/compile/network/mtu.ts';
import { ledgerOf } from '../../../../../operator/controllers/network/ledger.ts';
import { observeInstanceMtu, observeNetwork } from '../../../../../operator/controllers/network/snapshot.ts';
import type { WritableStores } from '../../../../../operator/observe/observation.ts';
import { summarizeNetwork } from '../../../../../operator/status/network/summary.ts';
import { golden, makeNetwork, makePod, makeStores, planFor, settle } from '../../world.ts';

const NOW = new Date('2026-11-23T16:00:00Z');

function summarize(stores: WritableStores, key = 'shop/net', now = NOW): VirtualNetworkStatus {
  const network = stores.virtualNetworks.get(key)!;
  const ledger = ledgerOf(stores);
  return summarizeNetwork(observeNetwork({ stores, ledger, network, start: 77, clusterRanges: [], now }));
}

function say(stores: WritableStores, node: string, status: NodeReportStatus): void {
  const metadata = { name: node, namespace: 'heddle-system', uid: `uid-${node}` };
  stores.nodeReports.set({
    apiVersion: 'internal.heddle.dev/v1alpha1',
    kind: 'NodeReport',
    metadata,
    status,
  });
}

function conditionsOf(status: VirtualNetworkStatus): Record<string, string> {
  return Object.fromEntries((status.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}`]));
}

describe('the status of a network', () => {
  test('tells how full it is and which nodes have it: golden', async () => {
    const subnets = [{ cidr: '10.20.0.0/29', reserved: ['10.20.0.6'] }, { cidr: 'fd20::/64' }];
    const stores = makeStores([makeNetwork('net', { spec: { subnets } })]);
    say(stores, 'worker-1', { vteps: ['10.0.0.1'], underlayMtu: 1500, networks: { 'shop/net': 1 } });
    say(stores, 'worker-2', { vteps: ['10.0.0.2'], underlayMtu: 9000 });
    for (const [name, node] of [
      ['a', 'worker-1'],
      ['b', 'worker-2'],
    ] as const) {
      settle(stores, planFor(stores, makePod(name, { networks: 'net', node })));
    }
    const text = golden(summarize(stores));
    await expect(text).toMatchFileSnapshot('golden/network-status.yaml');
  });

  test('is the same again when nothing changed, so that nothing is written', () => {
    const stores = makeStores();
    const before = summarize(stores);
    stores.virtualNetworks.set(makeNetwork('net', { status: before, metadata: { resourceVersion: '2' } }));
    expect(summarize(stores, 'shop/net', new Date('2026-11-24T00:00:00Z'))).toEqual(before);
  });

  test('is Programmed only when every node with a Port has reported this very generation', () => {
    const stores = makeStores([makeNetwork('net', { metadata: { generation: 4 } })]);
    expect(conditionsOf(summarize(stores))).toMatchObject({
      Programmed: 'True NodesReported',
      Ready: 'True Ready',
    });
    settle(stores, planFor(stores, makePod('a', { networks: 'net' })));
    expect(conditionsOf(summarize(stores))).toMatchObject({
      Programmed: 'False NodesBehind',
      Ready: 'False NotProgrammed',
    });
    say(stores, 'worker-1', { networks: { 'shop/net': 3 } });
    expect(conditionsOf(summarize(stores))).toMatchObject({ Programmed: 'False NodesBehind' });
    say(stores, 'worker-1', { networks: { 'shop/net': 4 } });
    expect(conditionsOf(summarize(stores))).toMatchObject({
      Programmed: 'True NodesReported',
      Ready: 'True Ready',
    });
  });

  test.each([
    [
      'subnets that overlap',
      { subnets: [{ cidr: '10.0.0.0/8' }, { cidr: '10.1.0.0/16' }] },
      'InvalidSpec',
      /10\.0\.0\.0\/8 and 10\.1\.0\.0\/16 overlap/,
    ],
    [
      'a reserved range that ends before it begins',
      { subnets: [{ cidr: '10.0.0.0/8', reserved: ['10.0.0.9-10.0.0.1'] }] },
      'InvalidSpec',
      /^spec\.subnets\[0\]\.reserved\[0\]: /,
    ],
    [
      'an MTU that no node carries',
      { mtu: 1451 },
      'MtuTooLarge',
      /spec\.mtu 1451 is larger than 1450, the most that node worker-1 carries/,
    ],
  ])('names what is wrong: %s', (_what, spec, reason, message) => {
    const stores = makeStores([makeNetwork('net', { spec })]);
    say(stores, 'worker-1', { vteps: ['10.0.0.1'], underlayMtu: 1500 });
    const status = summarize(stores);
    expect(status.conditions?.[0]).toMatchObject({
      type: 'Accepted',
      status: 'False',
      reason,
      message: expect.stringMatching(message),
    });
    expect(conditionsOf(status).Ready).toBe('False NotAccepted');
    expect(status.vni).toBe(4097);
  });

  test.each([
    ['another network holds its VNI too', { vni: 4097 }, 'VniConflict'],
    ['its spec pins a VNI that is not free', {}, 'VniConflict'],
  ] as const)('keeps the VNI that it has when %s, since its pods have it', (_why, held, reason) => {
    const older = makeNetwork('older', {
      status: { vni: 4097 },
      metadata: { creationTimestamp: '2026-11-01T00:00:00Z' },
    });
    const status: VirtualNetworkStatus = held;
    const stores = makeStores([older, makeNetwork('net', { spec: { vni: 4097 }, status })]);
    const summary = summarize(stores);
    expect(summary.conditions?.[0]).toMatchObject({ type: 'Accepted', status: 'False', reason });
    expect(summary.vni).toBe(status.vni);
  });

  test('names the pods that a removed subnet would strand, and stays Ready', () => {
    const stores = makeStores();
    settle(stores, planFor(stores, makePod('a', { networks: 'net' })));
    say(stores, 'worker-1', { networks: { 'shop/net': 1 } });
    stores.virtualNetworks.set(
      makeNetwork('net', {
        spec: { subnets: [{ cidr: '10.9.0.0/24' }] },
        metadata: { resourceVersion: '2' },
      }),
    );
    const status = summarize(stores);
    expect(conditionsOf(status)).toMatchObject({ Accepted: 'False SubnetInUse', Ready: 'True Ready' });
    expect(status.conditions?.[0]?.message).toContain('shop/a');
  });

  test('lists a removed subnet, as full, until its last Port is gone', () => {
    const stores = makeStores();
    const [port] = settle(stores, planFor(stores, makePod('a', { networks: 'net' })));
    const change = {
      spec: { subnets: [{ cidr: '10.9.0.0/24' }] },
      status: summarize(stores),
      metadata: { resourceVersion: '2' },
    };
    stores.virtualNetworks.set(makeNetwork('net', change));
    expect(summarize(stores).subnets).toEqual([
      { cidr: '10.9.0.0/24', allocated: 0, available: 254 },
      { cidr: '10.20.0.0/24', allocated: 1, available: 0 },
    ]);
    stores.ports.delete(`shop/${port!.metadata.name}`);
    expect(summarize(stores).subnets).toMatchObject([{ cidr: '10.9.0.0/24' }]);
  });

  test('of one that is being deleted names the first few pods that it waits for', () => {
    const stores = makeStores([
      makeNetwork('net', { metadata: { deletionTimestamp: '2026-11-23T15:59:00Z' } }),
    ]);
    stores.virtualNetworks.set(makeNetwork('net'));
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      settle(stores, planFor(stores, makePod(name, { networks: 'net' })));
    stores.virtualNetworks.set(
      makeNetwork('net', { metadata: { deletionTimestamp: '2026-11-23T15:59:00Z', resourceVersion: '2' } }),
    );
    const ready = summarize(stores).conditions?.find(({ type }) => type === 'Ready');
    expect(ready?.reason).toBe('WaitingForPorts');
    expect(ready?.message).toContain('5 Ports, of pods shop/a, shop/b, shop/c and 2 more');
  });
});

describe('the MTU', () => {
  test('is that of the smallest underlay less the encapsulation, which is larger over IPv6', () => {
    expect(limitMtu([])).toBeUndefined();
    expect(
      limitMtu([
        { node: 'b', mtu: 1500, family: 4 },
        { node: 'a', mtu: 1510, family: 6 },
      ]),
    ).toEqual({ mtu: 1440, node: 'a' });
  });

  test('does not heed the report of a node that is gone', () => {
    const stores = makeStores();
    say(stores, 'worker-1', { vteps: ['10.0.0.1'], underlayMtu: 1500 });
    say(stores, 'gone', { vteps: ['10.0.0.9'], underlayMtu: 600 });
    expect(summarize(stores).mtu).toBe(1450);
  });

  // security.md: agent-token-lowers-mtu
  test.each([
    ['an IPv4 network', [{ cidr: '10.20.0.0/24' }], 576],
    ['a network with IPv6', [{ cidr: '10.20.0.0/24' }, { cidr: 'fd20::/64' }], 1280],
  ])(
    'of %s never falls below what its hosts need, and the condition names the node',
    (_what, subnets, mtu) => {
      const stores = makeStores([makeNetwork('net', { spec: { subnets } })]);
      say(stores, 'worker-1', { vteps: ['10.0.0.1'], underlayMtu: 1500 });
      say(stores, 'worker-2', { vteps: ['10.0.0.2'], underlayMtu: 60 });
      const status = summarize(stores);
      expect(status.mtu).toBe(mtu);
      expect(status.conditions?.[0]).toMatchObject({
        type: 'Accepted',
        status: 'True',
        reason: 'UnderlayTooSmall',
        message: expect.stringContaining(`its MTU is ${mtu}, not 10, the most that node worker-2 carries`),
      });
      expect(conditionsOf(status).Ready).toBe('True Ready');
      expect(observeInstanceMtu(stores)).toBe(1280);
    },
  );

  test('of the spec stays in force when a node reports less afterwards, and new pods join', () => {
    const stores = makeStores([makeNetwork('net', { spec: { mtu: 1400 } })]);
    say(stores, 'worker-1', { vteps: ['10.0.0.1'], underlayMtu: 1500 });
    const before = summarize(stores);
    stores.virtualNetworks.set(makeNetwork('net', { spec: { mtu: 1400 }, status: before }));
    say(stores, 'worker-2', { vteps: ['10.0.0.2'], underlayMtu: 700 });
    const status = summarize(stores);
    expect(status.mtu).toBe(1400);
    expect(status.conditions?.[0]).toMatchObject({ status: 'True', reason: 'UnderlayTooSmall' });
    expect(status.conditions?.[0]?.message).toMatch(/keeps spec\.mtu 1400, .* node worker-2 carries/);
  });

  test('that falls is told with the node that causes it, once', () => {
    const stores = makeStores();
    say(stores, 'worker-1', { vteps: ['10.0.0.1'], underlayMtu: 1500 });
    const observe = () => {
      const network = stores.virtualNetworks.get('shop/net')!;
      return observeNetwork({
        stores,
        ledger: ledgerOf(stores),
        network,
        start: 77,
        clusterRanges: [],
        now: NOW,
      });
    };
    expect(observe().findings.mtuFalls).toBeUndefined();
    stores.virtualNetworks.set(makeNetwork('net', { status: summarize(stores) }));
    say(stores, 'worker-2', { vteps: ['10.0.0.2'], underlayMtu: 1300 });
    expect(observe().findings.mtuFalls).toBe(
      'the MTU falls from 1450 to 1250, because node worker-2 reports that it carries 1250',
    );
    stores.virtualNetworks.set(makeNetwork('net', { status: summarize(stores) }));
    expect(observe().findings.mtuFalls).toBeUndefined();
  });
});
