// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TracedPacket, TracePlace, TraceStep } from '../../../api/trace.ts';
import { walk } from '../../../cli/trace/walk.ts';
import { World } from '../world/world.ts';
import { takeSeen, WATCH } from './seen.ts';
import { ECHO_PORT, say, serve } from './talk.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const CLIENT = { 4: '10.20.0.1', 6: 'fd20::1' } as const;
const SERVER = { 4: '10.20.0.3', 6: 'fd20::3' } as const;
const NUMBERS = { TCP: 6, UDP: 17 } as const;
const NODES = { a1: 'one', a2: 'two', a3: 'three', a4: 'one', b1: 'two', b2: 'three' } as const;
const INSTANCES = Object.keys(NODES) as (keyof typeof NODES)[];

type Family = 4 | 6;
type Direction = 'forward' | 'reply';
type Protocol = keyof typeof NUMBERS;

describe('a trace through two replicated functions on three nodes', () => {
  let world: World;
  let stop: () => void;
  let nextPort = 20_000;

  const freshPorts = (count: number): number[] => Array.from({ length: count }, () => nextPort++);

  const setChain = (first: readonly (typeof INSTANCES)[number][]): Promise<void> =>
    world.setChains([
      {
        name: 'chain',
        network: 'shop',
        pathId: 7,
        from: { any: false, addresses: [CLIENT[4], CLIENT[6]] },
        to: { any: false, addresses: [SERVER[4], SERVER[6]] },
        hops: [{ instances: first }, { instances: ['b1', 'b2'] }],
      },
    ]);

  beforeAll(async () => {
    world = await World.create({ nodes: ['one', 'two', 'three'], objectFile });
    await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
    await world.addPod({ name: 'client', node: 'one', network: 'shop', addresses: [CLIENT[4], CLIENT[6]] });
    await world.addPod({ name: 'server', node: 'two', network: 'shop', addresses: [SERVER[4], SERVER[6]] });
    for (const [index, name] of INSTANCES.entries()) {
      await world.addInstance({ name, node: NODES[name], id: index + 1, function: name.slice(0, 1) });
      await world.exec(name, ['nft', '-f', '-'], WATCH);
    }
    await setChain(['a1', 'a2', 'a3']);
    stop = await serve(world, 'server');
  }, 120_000);
  afterAll(async () => {
    stop?.();
    await world?.close();
  });

  const packetOf = (
    flow: { family: Family; protocol: Protocol; port: number },
    way: Direction,
  ): TracedPacket => {
    const { family, protocol, port } = flow;
    const common = { protocol: NUMBERS[protocol], opens: false };
    return way === 'forward'
      ? {
          ...common,
          source: CLIENT[family],
          destination: SERVER[family],
          sourcePort: port,
          destinationPort: ECHO_PORT,
        }
      : {
          ...common,
          source: SERVER[family],
          destination: CLIENT[family],
          sourcePort: ECHO_PORT,
          destinationPort: port,
        };
  };

  const trace = async (packet: TracedPacket, way: Direction) => {
    const [node, pod] = way === 'forward' ? ['one', 'client'] : ['two', 'server'];
    const witnesses = {
      step: async (at: string, place: TracePlace, { ...tuple }: TracedPacket) => {
        const query = Object.fromEntries(
          Object.entries({ ...tuple, ...place }).map(([name, value]) => [name, String(value)]),
        );
        return (await world.command(at, { kind: 'trace', query })) as TraceStep;
      },
      verdict: async () => undefined,
    };
    return walk(witnesses, { node: node!, port: `test/${pod}`, packet, reply: way === 'reply' });
  };

  /** The instances that a trace names, each at the step by which the packet enters it. */
  const instancesOf = async (packet: TracedPacket, way: Direction) => {
    const { legs, end } = await trace(packet, way);
    expect(end).toMatchObject({ kind: 'Delivered', pod: way === 'forward' ? 'test/server' : 'test/client' });
    const entered = legs.flatMap(({ step }) =>
      step.next.kind === 'Instance' && step.next.toNode === step.node ? [step.next] : [],
    );
    for (const next of entered) expect(next.pod).toBe(`test/${INSTANCES[next.instance - 1]}`);
    return entered.map(({ instance }) => INSTANCES[instance - 1]!);
  };

  /** By which instances the tuples really went; `takeSeen` of all of them, and so forgotten. */
  const seenOf = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
    const seen = new Map<string, string[]>();
    const each = await Promise.all(INSTANCES.map((name) => takeSeen(world, name)));
    for (const [index, name] of INSTANCES.entries()) {
      for (const tuple of each[index]!) seen.set(tuple, [...(seen.get(tuple) ?? []), name]);
    }
    return seen;
  };

  const tupleText = (
    { source, sourcePort, destination, destinationPort }: TracedPacket,
    way: Direction,
  ): string => `${way} ${source} ${sourcePort} ${destination} ${destinationPort}`;

  /** Traces first, sends then, and compares; the traces, to see what they have in common. */
  const compare = async (flows: { family: Family; protocol: Protocol; ports: readonly number[] }) => {
    const { family, protocol, ports } = flows;
    const predicted = new Map<string, readonly string[]>();
    const ways = new Map<number, readonly string[]>();
    for (const port of ports) {
      for (const way of ['forward', 'reply'] as const) {
        const packet = packetOf({ family, protocol, port }, way);
        const instances = await instancesOf(packet, way);
        predicted.set(tupleText(packet, way), [...instances].sort());
        if (way === 'forward') ways.set(port, instances);
      }
    }
    await seenOf();
    expect(await say(world, 'client', { protocol, address: SERVER[family], ports })).toEqual([...ports]);
    expect(Object.fromEntries([...(await seenOf())].sort())).toEqual(
      Object.fromEntries([...predicted].sort()),
    );
    return ways;
  };

  test.each([
    ['UDP', 4],
    ['UDP', 6],
    ['TCP', 4],
    ['TCP', 6],
  ] as const)(
    'is where the packets of new flows really go, both ways, by %s over IPv%i',
    async (protocol, family) => {
      const ways = await compare({ protocol, family, ports: freshPorts(40) });
      // All instances take part, else there would be nothing to predict.
      expect(new Set([...ways.values()].flat())).toEqual(new Set(['a1', 'a2', 'a3', 'b1', 'b2']));
      for (const way of ways.values()) expect(way.map((name) => name[0])).toEqual(['a', 'b']);
    },
  );

  test('follows the pins of known flows, and the hash of new ones, once instances come and go', async () => {
    const known = freshPorts(30);
    const before = await compare({ protocol: 'UDP', family: 4, ports: known });
    await setChain(['a1', 'a2', 'a3', 'a4']);
    // Known flows stay: the trace says so, and the packets do.
    expect(await compare({ protocol: 'UDP', family: 4, ports: known })).toEqual(before);
    const fresh = await compare({ protocol: 'UDP', family: 4, ports: freshPorts(40) });
    expect([...fresh.values()].flat()).toContain('a4');
    const pinned = await trace(
      packetOf({ family: 4, protocol: 'UDP', port: known[0]! }, 'forward'),
      'forward',
    );
    expect(pinned.legs[0]!.step.next).toMatchObject({ choice: { kind: 'Pinned' } });
    // A packet that opens a connection is chosen for anew, whatever was before.
    const opening = { ...packetOf({ family: 4, protocol: 'UDP', port: known[0]! }, 'forward'), opens: true };
    expect((await trace(opening, 'forward')).legs[0]!.step.next).toMatchObject({
      choice: { kind: 'Hashed', among: 4 },
    });
    await setChain(['a1', 'a2', 'a3']);
  });

  test('knows who opened a flow where a chain takes both ways, before and after there is one', async () => {
    const any = { any: true };
    const hops = [{ instances: ['a1', 'a2', 'a3'] }, { instances: ['b1', 'b2'] }];
    await world.setChains([{ name: 'all', network: 'shop', pathId: 8, from: any, to: any, hops }]);
    const ports = freshPorts(15);
    const before = await compare({ protocol: 'UDP', family: 4, ports });
    expect(await compare({ protocol: 'UDP', family: 4, ports })).toEqual(before);
    for (const way of before.values()) expect(way.map((name) => name[0])).toEqual(['a', 'b']);
    await setChain(['a1', 'a2', 'a3']);
  });

  test('is right where a node has lost its flows', async () => {
    const ports = freshPorts(20);
    await compare({ protocol: 'UDP', family: 4, ports });
    await world.deleteFlows('two');
    await compare({ protocol: 'UDP', family: 4, ports });
  });

  test('changes nothing: no flow is made, moved or counted by asking', async () => {
    const flows = async () => {
      const dumps = await Promise.all(['one', 'two', 'three'].map((node) => world.dumpFlows(node)));
      return dumps
        .flat()
        .map(({ key, value }) => `${Buffer.from(key).toString('hex')} ${Buffer.from(value).toString('hex')}`);
    };
    const before = (await flows()).sort();
    for (const port of freshPorts(10))
      await instancesOf(packetOf({ family: 4, protocol: 'UDP', port }, 'forward'), 'forward');
    expect((await flows()).sort()).toEqual(before);
  });

  test('says why no chain takes a packet, and where it is dropped', async () => {
    const toNobody = {
      ...packetOf({ family: 4, protocol: 'UDP', port: 1 }, 'forward'),
      destination: '10.20.0.99',
    };
    const lost = await trace(toNobody, 'forward');
    expect(lost.legs[0]!.step.classification).toEqual({
      kind: 'NoChain',
      why: 'no chain names the destination 10.20.0.99',
    });
    expect(lost.end).toEqual({ kind: 'Dropped', node: 'one', reason: 'unknown_destination' });
    const spoofed = { ...packetOf({ family: 4, protocol: 'UDP', port: 1 }, 'forward'), source: '10.20.0.77' };
    expect((await trace(spoofed, 'forward')).end).toMatchObject({
      kind: 'Dropped',
      reason: 'spoofed_source',
    });
  });

  test('says that a hop without instances drops, and passes over it when it may', async () => {
    const chain = {
      name: 'chain',
      network: 'shop',
      pathId: 7,
      from: { any: false, addresses: [CLIENT[4]] },
      to: { any: false, addresses: [SERVER[4]] },
    };
    const packet = packetOf({ family: 4, protocol: 'UDP', port: 1 }, 'forward');
    await world.setChains([{ ...chain, hops: [{ instance: '', onFailure: 'Closed' }, 'b1'] }]);
    const closed = await trace(packet, 'forward');
    expect(closed.end).toEqual({ kind: 'Dropped', node: 'one', reason: 'hop_down' });
    expect(closed.legs.at(-1)!.step.next).toMatchObject({ kind: 'Drop', hop: { position: 0 } });
    await world.setChains([{ ...chain, hops: [{ instance: '', onFailure: 'Open' }, 'b1'] }]);
    const open = await trace(packet, 'forward');
    expect(open.end).toMatchObject({ kind: 'Delivered' });
    expect(open.legs[0]!.step.skipped).toEqual([{ position: 0, function: 'Firewall/missing' }]);
    expect(open.legs[0]!.step.next).toMatchObject({ function: 'Firewall/b', choice: { kind: 'Only' } });
  });
});
