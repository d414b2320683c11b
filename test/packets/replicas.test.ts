// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { instanceMac } from '../../api/context/context.ts';
import { formatMac } from '../../api/net/mac.ts';
import type { HopPlan, InstancePlan } from '../kernel/world/resources.ts';
import type { PacketBench } from './bench.ts';
import { PROTOCOL, ports, TCP_FLAG, tcp } from './frame.ts';
import {
  answer,
  chain,
  destinationOf,
  FAMILIES,
  type Family,
  frame,
  INSTANCE,
  instanceOf,
  MAC,
  ownMacOf,
  packet,
  startBench,
  toInstance,
  VNI,
} from './ground.ts';

const PATH = 7;
const ALL = ['p1', 'p2', 'p3', 'p4'] as const;
const IDS: readonly number[] = ALL.map((name) => INSTANCE[name].id);
const SOURCES = Array.from({ length: 400 }, (_, index) => 1000 + index);

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([]);
});
afterAll(() => bench?.close());

const write = (...hops: readonly HopPlan[]) =>
  bench.setNetwork({ vni: VNI, chains: [chain({ pathId: PATH, hops })] });
const pool = (instances: readonly (string | InstancePlan)[]): HopPlan => ({ instances });

/** Which instance the client's packet is sent to, and the server's. */
const forward = async (family: Family, source: number, flags?: number): Promise<number> => {
  const bytes = frame(family, packet(family, segment(source, 80, flags)));
  return instanceOf((await bench.cross('pod_ingress', { port: 'client', frame: bytes })).frame);
};
const back = async (family: Family, source: number, flags?: number): Promise<number> => {
  const bytes = frame(family, answer(family, segment(80, source, flags)), { source: MAC.server });
  return instanceOf((await bench.cross('pod_ingress', { port: 'server', frame: bytes })).frame);
};
function segment(source: number, destination: number, flags: number | undefined) {
  return flags === undefined
    ? { protocol: PROTOCOL.udp, payload: ports(source, destination) }
    : { protocol: PROTOCOL.tcp, payload: tcp(source, destination, flags) };
}

/** The instance (of this node) sends the client's packet on. */
const emitFrom = (family: Family, id: number, source: number, flags?: number) =>
  bench.cross('fn_ingress', {
    port: id === INSTANCE.p1.id ? 'p1' : 'p2',
    frame: frame(family, packet(family, segment(source, 80, flags)), {
      source: formatMac(instanceMac(id)),
      destination: toInstance({ path: PATH, position: 0 }).toString('hex'),
    }),
  });

async function pins(family: Family, flags?: number): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  for (const source of SOURCES) found.set(source, await forward(family, source, flags));
  return found;
}

describe.each(FAMILIES)('a hop of replicas, over IPv%i', (family) => {
  beforeEach(async () => {
    await bench.setDown([]);
    await write(pool(ALL));
    await bench.forgetFlows();
  });

  test('both directions of a flow take the same instance, also where nothing is remembered', async () => {
    for (const source of SOURCES) {
      const there = await forward(family, source);
      expect(IDS).toContain(there);
      expect(await back(family, source)).toBe(there);
      // The server's side asks for itself: as where the client is on another node.
      expect(await back(family, source + 10_000)).toBe(await forward(family, source + 10_000));
    }
    const before = await pins(family);
    await bench.forgetFlows();
    for (const source of SOURCES) expect(await back(family, source)).toBe(before.get(source));
  });

  test('10,000 flows spread within 10% of fair', async () => {
    const shares = new Map(IDS.map((id) => [id, 0]));
    for (let source = 0; source < 10_000; source++) {
      const id = await forward(family, source);
      shares.set(id, (shares.get(id) ?? 0) + 1);
    }
    for (const share of shares.values()) {
      expect(share).toBeGreaterThan(2250);
      expect(share).toBeLessThan(2750);
    }
  }, 120_000);

  test('flows stay where they are when instances come, and new flows use those', async () => {
    await write(pool(['p1', 'p2']));
    const before = await pins(family, TCP_FLAG.ack);
    // Each goes on through its instance, so the server's end knows that too.
    for (const [source, id] of before) await emitFrom(family, id, source, TCP_FLAG.ack);
    await write(pool(ALL));
    expect(await pins(family, TCP_FLAG.ack)).toEqual(before);
    for (const source of SOURCES) expect(await back(family, source, TCP_FLAG.ack)).toBe(before.get(source));
    const fresh = new Set<number>();
    for (const source of SOURCES) fresh.add(await forward(family, source + 20_000, TCP_FLAG.syn));
    expect(fresh).toEqual(new Set(IDS));
  });

  test('a bare SYN chooses anew, and what follows goes with it', async () => {
    await write(pool(['p1', 'p3']));
    const before = await pins(family, TCP_FLAG.ack);
    await write(pool(ALL));
    const again = await pins(family, TCP_FLAG.syn);
    const moved = SOURCES.filter((source) => again.get(source) !== before.get(source));
    // About half of the flows are due to the two that came.
    expect(moved.length).toBeGreaterThan(SOURCES.length / 3);
    expect(await pins(family, TCP_FLAG.ack)).toEqual(again);
    // The server's SYN with ACK is no opening.
    const SYN_ACK = TCP_FLAG.syn | TCP_FLAG.ack;
    for (const source of SOURCES) expect(await back(family, source, SYN_ACK)).toBe(again.get(source));
  });

  test('flows of an instance that is down move at once, and no others', async () => {
    const before = await pins(family);
    await bench.setDown([INSTANCE.p2.id]);
    const after = await pins(family);
    for (const source of SOURCES) {
      if (before.get(source) === INSTANCE.p2.id) expect(after.get(source)).not.toBe(INSTANCE.p2.id);
      else expect(after.get(source)).toBe(before.get(source));
    }
    const spread = new Set(
      SOURCES.filter((each) => before.get(each) === INSTANCE.p2.id).map((each) => after.get(each)),
    );
    expect(spread.size).toBe(3);
    const moved = SOURCES.find((each) => before.get(each) === INSTANCE.p2.id) ?? 0;
    await bench.setDown([INSTANCE.p2.id, after.get(moved) ?? 0]);
    const bytes = frame(family, packet(family, segment(moved, 80, undefined)));
    expect((await bench.run('pod_ingress', { port: 'client', frame: bytes })).events).toContain('flow_moved');
  });

  test('flows that moved do not come back with their instance', async () => {
    await bench.setDown([INSTANCE.p2.id]);
    const moved = await pins(family);
    await bench.setDown([]);
    expect(await pins(family)).toEqual(moved);
  });

  test('an instance that drains keeps its flows and gets no new ones', async () => {
    const before = await pins(family);
    await write(pool([{ name: 'p1', state: 'Draining' }, 'p2', 'p3', 'p4']));
    expect(await pins(family)).toEqual(before);
    for (const source of SOURCES) expect(await forward(family, source + 30_000)).not.toBe(INSTANCE.p1.id);
  });

  test('a pin to an instance of another function counts for nothing', async () => {
    await pins(family);
    await write('far');
    for (const source of SOURCES) expect(await forward(family, source)).toBe(INSTANCE.far.id);
    for (const source of SOURCES) expect(await back(family, source)).toBe(INSTANCE.far.id);
  });

  test('entries that were lost are chosen again, the same', async () => {
    const before = await pins(family);
    await bench.forgetFlows();
    expect(await pins(family)).toEqual(before);
  });

  test('what an instance emitted finds it again, whichever the hash would pick', async () => {
    await write(pool(ALL), 'near');
    const { p1, near } = INSTANCE;
    for (const source of SOURCES.slice(0, 100)) {
      const on = await emitFrom(family, p1.id, source);
      expect(destinationOf(on.frame)).toEqual(toInstance({ path: PATH, position: 1, instance: near.id }));
      const returned = frame(family, answer(family, { payload: ports(80, source) }), {
        source: ownMacOf('near'),
        destination: toInstance({ path: PATH, position: 1, reply: true }).toString('hex'),
      });
      const home = await bench.cross('fn_ingress', { port: 'near', frame: returned });
      expect(destinationOf(home.frame)).toEqual(
        toInstance({ path: PATH, position: 0, reply: true, instance: p1.id }),
      );
    }
  });

  test('the answer of a pod finds the instance that the request came from', async () => {
    for (const source of SOURCES.slice(0, 100)) {
      await emitFrom(family, INSTANCE.p2.id, source);
      expect(await back(family, source)).toBe(INSTANCE.p2.id);
    }
  });
});

test.each(FAMILIES)('instances get flows by their weights, over IPv%i', async (family) => {
  await bench.forgetFlows();
  await write(
    pool([
      { name: 'p1', weight: 0 },
      { name: 'p2', weight: 50 },
      { name: 'p3', weight: 100 },
      { name: 'p4', weight: 250 },
    ]),
  );
  const shares = new Map(IDS.map((id) => [id, 0]));
  for (let source = 0; source < 4000; source++) {
    const id = await forward(family, source);
    shares.set(id, (shares.get(id) ?? 0) + 1);
  }
  expect(shares.get(INSTANCE.p1.id)).toBe(0);
  expect(Math.abs((shares.get(INSTANCE.p2.id) ?? 0) - 500)).toBeLessThan(100);
  expect(Math.abs((shares.get(INSTANCE.p3.id) ?? 0) - 1000)).toBeLessThan(150);
  expect(Math.abs((shares.get(INSTANCE.p4.id) ?? 0) - 2500)).toBeLessThan(200);
});
