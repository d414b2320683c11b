// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FLOW_PIN } from '../../agent/render/generated/layout.ts';
import { makeRelease, type OtherRelease, replaceInHeader } from '../kernel/resilience/release.ts';
import type { PacketBench } from './bench.ts';
import { ports } from './frame.ts';
import {
  ADDRESS,
  chain,
  destinationOf,
  frame,
  INSTANCE,
  instanceOf,
  MAC,
  OTHER_VNI,
  ownMacOf,
  packet,
  REDIRECT,
  startBench,
  toInstance,
  VNI,
} from './ground.ts';

// The maps of flows are shared by all tenants of a node, and a full one evicts somebody's entry for each new one. Here they
// are small, and a pod opens many times as many flows as they have room for.

const ENTRIES = 4096;
const FLOOD = 3 * ENTRIES;
/** Flows of a victim, fewer than any budget. Each has sent one packet: nothing else keeps its entry. */
const FLOWS = 40;
const PATH = 7;
const VICTIMS_PATH = 8;
const BALANCED_PATH = 9;
const PEERS_PATH = 10;

let release: OtherRelease;
let bench: PacketBench;
beforeAll(async () => {
  const small = ['FLOW_ENTRIES 65536', 'END_ENTRIES 65536', 'FRAGMENT_ENTRIES 8192'].map((define) =>
    replaceInHeader(`#define ${define}`, `#define ${define.split(' ')[0]} ${ENTRIES}`),
  );
  release = await makeRelease((header) => small.reduce((text, edit) => edit(text), header));
  bench = await startBench(chainsWith(['p1']), {
    object: release.objectFile,
    otherChains: [
      chain({ pathId: VICTIMS_PATH, hops: [{ instances: ['p1', 'p2', 'p3', 'p4'] }], vni: OTHER_VNI }),
    ],
  });
}, 90_000);
afterAll(async () => {
  await bench?.close();
  await release?.remove();
});

function chainsWith(instances: readonly string[]) {
  const udp = (port: number) => [{ protocol: 'UDP', port } as const];
  const server = { any: false, addresses: [ADDRESS[4].server] } as const;
  return [
    chain({ pathId: PATH, hops: [{ instances }], ports: udp(53) }),
    chain({ pathId: BALANCED_PATH, hops: ['balancer'], ports: udp(80) }),
    chain({ pathId: PEERS_PATH, hops: ['near'], from: server, to: { any: true }, ports: udp(99) }),
  ];
}

const datagram = (source: number, destination: number) => ({ payload: ports(source, destination) });
/** The attacker's packet. */
const attack = (source: number, more: object = {}) =>
  bench.cross('pod_ingress', {
    port: 'client',
    frame: frame(4, packet(4, { ...datagram(source, 53), ...more })),
  });
/** That of a pod of another network, which has the same address. */
const suffer = (source: number, more: object = {}) =>
  bench.cross('pod_ingress', {
    port: 'twin',
    frame: frame(4, packet(4, { ...datagram(source, 53), ...more }), { source: MAC.twin }),
  });
/** That of another pod of the attacker's network. */
const sufferBeside = (source: number) => {
  const bytes = packet(4, {
    ...datagram(source, 99),
    source: ADDRESS[4].server,
    destination: ADDRESS[4].remote,
  });
  return bench.cross('pod_ingress', { port: 'server', frame: frame(4, bytes, { source: MAC.server }) });
};
const pinsOf = async (path: number) =>
  (await bench.flows(['flows'])).filter(({ key }) => key.path === path && key.kind === FLOW_PIN).length;

async function each(count: number, send: (index: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += 256) {
    await Promise.all(Array.from({ length: Math.min(256, count - from) }, (_, index) => send(from + index)));
  }
}

describe('a pod that opens flows without end (security.md: tenant-fills-flows)', () => {
  test('takes no pin of another network, nor of another pod of its own one', async () => {
    await each(FLOWS, (index) => suffer(1000 + index));
    await each(FLOWS, (index) => sufferBeside(1000 + index));
    expect(await pinsOf(VICTIMS_PATH)).toBe(FLOWS);
    await each(FLOOD, (index) => attack(index));
    expect(await pinsOf(VICTIMS_PATH)).toBe(FLOWS);
    expect(await pinsOf(PEERS_PATH)).toBe(FLOWS);
    await each(20, (index) => suffer(2000 + index));
    expect(await pinsOf(VICTIMS_PATH)).toBe(FLOWS + 20);
  });

  test('keeps pins for its own flows, apart from those of others, and they are counted', async () => {
    expect((await bench.events()).flow_spilled).toBeGreaterThan(FLOOD / 2);
    expect(await bench.count('spilled_flows')).toBeGreaterThan(ENTRIES / 2);
    await each(FLOWS, (index) => attack(50_000 + index));
    await bench.setNetwork({ vni: VNI, chains: chainsWith(['p1', 'p2', 'p3', 'p4']) });
    for (let index = 0; index < FLOWS; index += 1) {
      expect(instanceOf((await attack(50_000 + index)).frame)).toBe(INSTANCE.p1.id);
    }
  });
});

describe('flows through a load balancer', () => {
  /** The load balancer sends the client's packet to the server, which is its backend. */
  const balance = (source: number) =>
    bench.cross('fn_ingress', {
      port: 'balancer',
      frame: frame(4, packet(4, datagram(source, 80)), {
        source: ownMacOf('balancer'),
        destination: [...toInstance({ path: BALANCED_PATH, position: 0 })]
          .map((b) => b.toString(16).padStart(2, '0'))
          .join(':'),
      }),
    });
  /** Where the server's answer goes. */
  const answer = async (source: number) => {
    const bytes = packet(4, {
      ...datagram(80, source),
      source: ADDRESS[4].server,
      destination: ADDRESS[4].client,
    });
    return bench.cross('pod_ingress', { port: 'server', frame: frame(4, bytes, { source: MAC.server }) });
  };

  test('have their ends in a second map when there are too many, and their answers return to it', async () => {
    expect((await balance(1)).action).toBe(REDIRECT);
    await each(FLOOD, (index) => balance(index));
    expect(await bench.count('ends')).toBeLessThan(ENTRIES / 2);
    expect(await bench.count('spilled_ends')).toBeGreaterThan(ENTRIES / 2);
    for (const source of [1, FLOOD - 2, FLOOD - 1]) {
      const back = toInstance({
        path: BALANCED_PATH,
        position: 0,
        reply: true,
        instance: INSTANCE.balancer.id,
      });
      expect(destinationOf((await answer(source)).frame)).toEqual(back);
    }
  });
});

describe('fragments', () => {
  const first = (id: number) => ({ id, more: true, offset: 0, payload: ports(1000, 53, Buffer.alloc(12)) });
  const later = (id: number) => ({ id, offset: 2, payload: Buffer.alloc(16) });

  test('of a pod that sends first ones without end go to a second map, and pass', async () => {
    expect((await suffer(1000, first(77))).action).toBe(REDIRECT);
    const began = performance.now();
    await each(FLOOD, (index) => attack(1000, first(index)));
    const seconds = (performance.now() - began) / 1000;
    // A sender has 1/64 of the map at once, and 1/8 of it a second.
    const most = ENTRIES / 64 + (ENTRIES / 8) * (seconds + 1);
    expect((await bench.events()).fragment_spilled).toBeGreaterThan(FLOOD - most);
    expect((await attack(1000, later(FLOOD - 1))).action).toBe(REDIRECT);
    expect((await suffer(1000, first(78))).action).toBe(REDIRECT);
    expect((await suffer(1000, later(78))).action).toBe(REDIRECT);
  });
});
