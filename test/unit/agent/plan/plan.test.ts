// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Holdings, planDeletes, planNetwork, planRemoval } from '../../../../agent/plan/plan.ts';
import { ownedMaps } from '../../../../agent/plan/shadow.ts';
import { isNotEmpty } from '../../../../agent/plan/step.ts';
import type { Chain } from '../../../../agent/render/chain.ts';
import {
  decodeNetwork,
  decodePath,
  encodeNetwork,
  NETWORK_F_ENDS,
} from '../../../../agent/render/generated/layout.ts';
import { bytesKey } from '../../../../agent/render/keys.ts';
import { renderNetwork } from '../../../../agent/render/network.ts';
import { encodeU32 } from '../../../../agent/render/scalar.ts';
import type { Port } from '../../../../api/index.ts';
import { addresses, any, chain, cidr, facts, pod, VNI } from '../render/fixtures.ts';
import { KernelModel, type Tuple } from './kernel-model.ts';

const PORTS: readonly Port[] = [1, 2, 3, 4, 5].map((index) => pod(index, index < 4 ? 'here' : 'there'));
const TUPLES: readonly Tuple[] = [1, 2].flatMap((from) =>
  [2, 3, 5, 200].flatMap((to) =>
    [80, 443].flatMap((port) => [
      {
        source: `10.20.0.${from}`,
        destination: `10.20.0.${to}`,
        protocol: 6,
        sourcePort: 40000,
        destinationPort: port,
      },
      {
        source: `10.20.0.${from}`,
        destination: `10.20.0.${to}`,
        protocol: 6,
        sourcePort: port,
        destinationPort: 40000,
      },
    ]),
  ),
);

function plan(
  model: KernelModel,
  chains: readonly Chain[],
  ports: readonly Port[],
  held: Holdings | undefined,
) {
  return planNetwork(
    renderNetwork({ vni: VNI, mtu: 1450, ports, chains, facts: facts(ports) }),
    model.kernel,
    held,
  );
}

function ways(model: KernelModel): readonly string[] {
  return TUPLES.map((tuple) => model.wayOf(VNI, tuple));
}

const end = fc.oneof(
  fc.constant(any),
  fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1 }).map((list) => addresses(...list)),
  fc.constant(cidr('10.20.0.0/29', '10.20.0.2/31')),
  fc.constant(cidr('10.20.0.0/16')),
);
const policy = fc
  .uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })
  .chain((ids) =>
    fc.tuple(
      ...ids.map((pathId) =>
        fc.record({
          pathId: fc.constant(pathId),
          from: end,
          to: end,
          priority: fc.integer({ min: 0, max: 3 }),
          hops: fc.integer({ min: 1, max: 4 }),
          ports: fc.constantFrom(
            undefined,
            [{ protocol: 'TCP' as const, port: 80 }],
            [{ protocol: 'TCP' as const, port: 1, endPort: 1000 }],
          ),
        }),
      ),
    ),
  )
  .map((list) =>
    (list as { ports: undefined }[]).map((each) => chain(strip(each) as Parameters<typeof chain>[0])),
  );

function strip(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}

describe('a change of policy', () => {
  test('is seen whole: each packet goes its old way or its new way at every step, and all go the new way at the end', () => {
    fc.assert(
      fc.property(policy, policy, (first, second) => {
        const model = new KernelModel();
        const start = plan(model, first, PORTS, undefined);
        for (const step of start.steps) model.run(step);
        const before = ways(model);
        const fresh = new KernelModel();
        for (const step of plan(fresh, second, PORTS, undefined).steps) fresh.run(step);
        const wanted = ways(fresh);
        const change = plan(model, second, PORTS, start.holdings);
        for (const step of change.steps) {
          model.run(step);
          for (const [index, way] of ways(model).entries()) {
            // A path's list of hops is switched by itself: a tuple may already go through the new list of its old path.
            const allowed = [before[index], wanted[index], ...renamed(before[index]!, second)];
            expect(allowed).toContain(way);
          }
        }
        expect(ways(model)).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });

  test('leaves nothing behind: the maps hold exactly what a fresh node would hold, but for the banks', () => {
    fc.assert(
      fc.property(policy, policy, (first, second) => {
        const model = new KernelModel();
        const start = plan(model, first, PORTS, undefined);
        for (const step of start.steps) model.run(step);
        for (const step of plan(model, second, PORTS, start.holdings).steps) model.run(step);
        const fresh = new KernelModel();
        for (const step of plan(fresh, second, PORTS, undefined).steps) fresh.run(step);
        for (const name of ['addresses', 'prefixes', 'classifier'] as const) {
          expect(model.maps[name]).toEqual(fresh.maps[name]);
        }
        expect(model.maps.hops?.size).toBe(fresh.maps.hops?.size);
        expect([...model.maps.paths!.keys()].sort()).toEqual([...fresh.maps.paths!.keys()].sort());
      }),
      { numRuns: 40 },
    );
  });

  test('that was interrupted at any step is completed by the next pass', () => {
    fc.assert(
      fc.property(policy, policy, fc.nat(20), (first, second, cut) => {
        const model = new KernelModel();
        const start = plan(model, first, PORTS, undefined);
        for (const step of start.steps) model.run(step);
        const change = plan(model, second, PORTS, start.holdings);
        for (const step of change.steps.slice(0, cut)) model.run(step);
        // Another agent: it knows what the kernel holds, not who held what. What nobody wants it sweeps at the end.
        const next = plan(model, second, PORTS, undefined);
        for (const step of next.steps) model.run(step);
        const everything: Holdings = new Map(
          ownedMaps.map((name) => [name, new Set(model.maps[name]!.keys())]),
        );
        for (const step of planDeletes(next.holdings, everything)) model.run(step);
        const fresh = new KernelModel();
        for (const step of plan(fresh, second, PORTS, undefined).steps) fresh.run(step);
        expect(ways(model)).toEqual(ways(fresh));
      }),
      { numRuns: 40 },
    );
  });

  test('writes only what changed: a second pass has nothing to do', () => {
    const model = new KernelModel();
    const chains = [chain({ pathId: 1, from: addresses(1, 2), to: any, hops: 3 })];
    const first = plan(model, chains, PORTS, undefined);
    for (const step of first.steps) model.run(step);
    expect(plan(model, chains, PORTS, first.holdings).steps).toEqual([]);
  });

  test('of one Port touches that Port alone', () => {
    const model = new KernelModel();
    const chains = [chain({ pathId: 1, from: cidr('10.20.0.0/16'), to: any })];
    const first = plan(model, chains, PORTS, undefined);
    for (const step of first.steps) model.run(step);
    const { steps } = plan(model, chains, [...PORTS, pod(6)], first.holdings);
    const written = steps.flatMap((step) => (step.op === 'update' ? step.entries.length : step.keys.length));
    expect(written).toEqual([1]);
  });
});

/** A chain from the first pod to all, with the instances of each of its functions. */
function through(hops: readonly (readonly number[])[], kind = 'Firewall'): Chain {
  const instancesOf = (ids: readonly number[]) => ids.map((id) => ({ id, node: 'here' }));
  return {
    ...chain({ pathId: 1, from: addresses(1), to: any }),
    hops: hops.map((ids, position) => ({
      kind,
      name: `f${position}`,
      onFailure: 'Closed',
      instances: instancesOf(ids),
    })),
  };
}

describe('a path', () => {
  const [tuple] = TUPLES;
  const key = bytesKey(encodeU32(1));
  function follow() {
    const model = new KernelModel();
    let held: Holdings | undefined;
    const change = (...chains: readonly Chain[]) => {
      const { steps, holdings } = plan(model, chains, PORTS, held);
      for (const step of steps) model.run(step);
      held = holdings;
      return { bank: decodePath(model.maps.paths!.get(key)!).bank, way: model.wayOf(VNI, tuple!) };
    };
    return { model, change };
  }

  test('takes the packets of its chain, and no others', () => {
    const { model, change } = follow();
    expect(change(through([[100], [101]]))).toEqual({ bank: 0, way: 'forward 100>101' });
    expect(model.wayOf(VNI, { ...tuple!, source: '10.20.0.2', destination: '10.20.0.3' })).toBe('direct');
    expect(model.wayOf(VNI + 1, tuple!)).toBe('drop');
  });

  test('has one instance replaced in place, and any other change of its list in the other bank', () => {
    const { change } = follow();
    change(through([[100], [101]]));
    expect(change(through([[100], [102]]))).toEqual({ bank: 0, way: 'forward 100>102' });
    expect(change(through([[103], [104]]))).toEqual({ bank: 1, way: 'forward 103>104' });
    expect(change(through([[103], [105]]))).toEqual({ bank: 1, way: 'forward 103>105' });
    expect(change(through([[103]]))).toEqual({ bank: 0, way: 'forward 103' });
    expect(change(through([[103], [106]]))).toEqual({ bank: 1, way: 'forward 103>106' });
  });

  test('is written to the other bank when another network had its id', () => {
    const model = new KernelModel();
    const desired = (vni: number) => ({
      ...renderNetwork({
        vni: VNI,
        mtu: 1450,
        ports: PORTS,
        chains: [through([[100]])],
        facts: facts(PORTS),
      }),
      vni,
    });
    for (const vni of [VNI + 1, VNI]) {
      for (const step of planNetwork(desired(vni), model.kernel, undefined).steps) model.run(step);
    }
    expect(decodePath(model.maps.paths!.get(key)!)).toMatchObject({ vni: VNI, bank: 1 });
  });

  test('has a table for each function of several instances, which goes with it', () => {
    const { model, change } = follow();
    change(through([[100, 101], [102], [103, 104]]));
    expect(model.maps.tables!.size).toBe(2);
    change(through([[100, 101], [102], [103]]));
    expect(model.maps.tables!.size).toBe(1);
  });

  test('that may change addresses is known by the entry of its network', () => {
    const { model, change } = follow();
    const flags = () => decodeNetwork(model.maps.networks!.get(bytesKey(encodeU32(VNI)))!).flags;
    change(through([[100]]));
    expect(flags()).toBe(0);
    const other = chain({ pathId: 2, from: addresses(2), to: any });
    change(other, through([[100]], 'LoadBalancer'));
    expect(flags()).toBe(NETWORK_F_ENDS);
  });
});

describe('the bank of a network', () => {
  const networkKey = bytesKey(encodeU32(VNI));
  const bankOf = (model: KernelModel) => decodeNetwork(model.maps.networks!.get(networkKey)!).bank;
  const onPort = (port: number) => [
    chain({ pathId: 1, from: addresses(1), to: any, ports: [{ protocol: 'TCP', port }] }),
  ];

  test('is the first one at first, and counts the switches', () => {
    const model = new KernelModel();
    let held: Holdings | undefined;
    for (const [port, bank] of [
      [80, 0],
      [81, 1],
      [81, 1],
      [82, 2],
    ] as const) {
      const { steps, holdings } = plan(model, onPort(port), PORTS, held);
      for (const step of steps) model.run(step);
      held = holdings;
      expect([port, bankOf(model)]).toEqual([port, bank]);
    }
  });

  test('begins again after the largest number', () => {
    const model = new KernelModel();
    const { steps, holdings } = plan(model, onPort(80), PORTS, undefined);
    for (const step of steps) model.run(step);
    const entry = decodeNetwork(model.maps.networks!.get(networkKey)!);
    model.maps.networks!.set(networkKey, encodeNetwork({ ...entry, bank: 0xffff_ffff }));
    for (const step of plan(model, onPort(81), PORTS, holdings).steps) model.run(step);
    expect(bankOf(model)).toBe(0);
  });
});

test('a network that is taken out leaves no entry', () => {
  const model = new KernelModel();
  const { steps, holdings } = plan(
    model,
    [chain({ pathId: 1, from: any, to: any, hops: 2 })],
    PORTS,
    undefined,
  );
  for (const step of steps) model.run(step);
  const removal = planRemoval(holdings);
  expect(removal.every(isNotEmpty)).toBe(true);
  for (const step of removal) model.run(step);
  for (const [name, map] of Object.entries(model.maps)) expect([name, map.size]).toEqual([name, 0]);
});

/** The ways that a tuple of an old path may take once that path's own list of hops was switched. */
function renamed(way: string, chains: readonly Chain[]): readonly string[] {
  const [direction, hops] = way.split(' ');
  const path = Math.floor(Number(hops?.split('>')[0]) / 100);
  const next = chains.find(({ pathId }) => pathId === path);
  return next ? [`${direction} ${next.hops.map(({ instances }) => instances[0]?.id).join('>')}`] : [];
}
