// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketBench } from './bench.ts';
import { icmp, PROTOCOL, ports, TCP_FLAG, tcp } from './frame.ts';
import {
  ADDRESS,
  chain,
  FAMILIES,
  type Family,
  frame,
  ICMP,
  ownMacOf,
  packet,
  REDIRECT,
  startBench,
  toInstance,
} from './ground.ts';

// Source ports of a pod's flows to two load balancers with the same backends (agent/bpf/source.h).

const VIP = { 4: '10.20.0.100', 6: 'fd20::100' } as const;
const OTHER = { 4: '10.20.0.101', 6: 'fd20::101' } as const;
const PATH = { web: 31, api: 32 } as const;
/** Flows are moved to a port from here up. */
const FIRST_MOVED = 32_768;
const UNREACHABLE = { 4: [3, 3], 6: [1, 4] } as const;

let bench: PacketBench;
beforeAll(async () => {
  const only = (addresses: Readonly<Record<Family, string>>) => ({
    any: false,
    addresses: Object.values(addresses),
  });
  const balanced = (pathId: number, own: Readonly<Record<Family, string>>) =>
    chain({
      pathId,
      from: { any: true },
      to: only(own),
      virtual: Object.values(own),
      behind: only({ 4: ADDRESS[4].server, 6: ADDRESS[6].server }),
      hops: ['balancer'],
    });
  bench = await startBench([balanced(PATH.web, VIP), balanced(PATH.api, OTHER)]);
});
afterAll(() => bench?.close());

const headerOf = (family: Family): number => 14 + (family === 4 ? 20 : 40);
/** The ports of a frame's transport header, or of the one that its ICMP error quotes. */
function portsOf(family: Family, bytes: Buffer, quoted = false): { source: number; destination: number } {
  const at = headerOf(family) + (quoted ? 8 + headerOf(family) - 14 : 0);
  return { source: bytes.readUInt16BE(at), destination: bytes.readUInt16BE(at + 2) };
}

const send = async (family: Family, options: Parameters<typeof packet>[1]) => {
  const sent = packet(family, { protocol: PROTOCOL.udp, ...options });
  const { action, frame: out } = await bench.cross('pod_ingress', {
    port: 'client',
    frame: frame(family, sent),
  });
  expect(action).toBe(REDIRECT);
  return out;
};
/** A packet that an instance of the second load balancer sends to the client. */
const receive = async (family: Family, options: Parameters<typeof packet>[1]) => {
  const sent = packet(family, { source: OTHER[family], destination: ADDRESS[family].client, ...options });
  const ends = {
    source: ownMacOf('balancer'),
    destination: toInstance({ path: PATH.api, position: 0, reply: true }).toString('hex'),
  };
  const { action, frame: out } = await bench.cross('fn_ingress', {
    port: 'balancer',
    frame: frame(family, sent, ends),
  });
  expect(action).toBe(REDIRECT);
  return out;
};

describe.each(FAMILIES)('a port from which a pod talks to two load balancers, over IPv%i', (family) => {
  const { client } = ADDRESS[family];
  const [type, code] = UNREACHABLE[family];
  const toBoth = async (own: number): Promise<number> => {
    const first = await send(family, { destination: VIP[family], payload: ports(own, 53) });
    expect(portsOf(family, first)).toEqual({ source: own, destination: 53 });
    const second = await send(family, { destination: OTHER[family], payload: ports(own, 53) });
    expect(portsOf(family, second).destination).toBe(53);
    return portsOf(family, second).source;
  };

  test('is another port to the second one, and the answers come to its own', async () => {
    const moved = await toBoth(2000);
    expect(moved).toBeGreaterThanOrEqual(FIRST_MOVED);
    expect(await toBoth(2000)).toBe(moved);
    const answer = await receive(family, { protocol: PROTOCOL.udp, payload: ports(53, moved) });
    expect(portsOf(family, answer)).toEqual({ source: 53, destination: 2000 });
  });

  test('is changed in ICMP errors too, both ways', async () => {
    const moved = await toBoth(2001);
    const asAnswered = packet(family, {
      source: OTHER[family],
      destination: client,
      payload: ports(53, 2001),
    });
    const error = await send(family, {
      destination: OTHER[family],
      protocol: ICMP[family],
      payload: icmp(type, code, asAnswered),
    });
    expect(portsOf(family, error, true)).toEqual({ source: 53, destination: moved });
    const asSent = packet(family, { source: client, destination: OTHER[family], payload: ports(moved, 53) });
    const refusal = await receive(family, {
      protocol: ICMP[family],
      payload: icmp(type, code, asSent),
    });
    expect(portsOf(family, refusal, true)).toEqual({ source: 2001, destination: 53 });
  });

  test('stays the same for a connection that began before its node knew of any', async () => {
    const say = async (destination: string, flags: number) => {
      const payload = tcp(2002, 80, flags);
      return portsOf(family, await send(family, { destination, protocol: PROTOCOL.tcp, payload })).source;
    };
    expect(await say(VIP[family], TCP_FLAG.ack)).toBe(2002);
    expect(await say(OTHER[family], TCP_FLAG.ack)).toBe(2002);
    expect(await say(OTHER[family], TCP_FLAG.syn)).toBeGreaterThanOrEqual(FIRST_MOVED);
    expect(await say(VIP[family], TCP_FLAG.syn)).toBe(2002);
  });

  test('stays the same directly to a port that no load balancer sends to', async () => {
    const { server } = ADDRESS[family];
    const out = await send(family, { destination: server, payload: ports(2003, 54) });
    expect(portsOf(family, out).source).toBe(2003);
  });
});
