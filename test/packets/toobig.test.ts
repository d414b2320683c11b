// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorSource } from '../../api/context/instance.ts';
import type { PacketBench } from './bench.ts';
import {
  checksum,
  type IpOptions,
  icmp,
  isIcmpv6Right,
  mac,
  PROTOCOL,
  ports,
  TCP_FLAG,
  tcp,
} from './frame.ts';
import {
  ADDRESS,
  answer,
  chain,
  DROP,
  destinationOf,
  FAMILIES,
  type Family,
  frame,
  ICMP,
  MAC,
  markOf,
  ownMacOf,
  packet,
  REDIRECT,
  sourceOf,
  startBench,
  toInstance,
  VNI,
} from './ground.ts';

const MTU = 1450;
const CHAIN = chain({ pathId: 7, ports: [{ protocol: 'UDP', port: 53 }], hops: ['near', 'far'] });

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([CHAIN], { mtu: MTU });
});
afterAll(() => bench?.close());

const HEADER = { 4: 20, 6: 40 } as const;

/** UDP in an IP packet of exactly `size` bytes. */
function sized(family: Family, size: number, more: Partial<IpOptions> & { port?: number } = {}): Buffer {
  const { port = 99, ...rest } = more;
  return packet(family, {
    ...rest,
    payload: ports(1000, port, Buffer.alloc(size - HEADER[family] - 4, 0x5a)),
  });
}

/** What RFC 792 and RFC 4443 want to be said of `packet`. */
function expectAnswer(
  family: Family,
  out: Buffer,
  { to, about, mtu }: { to: string; about: Buffer; mtu: number },
) {
  const ip = out.subarray(14);
  const message = ip.subarray(HEADER[family]);
  expect(message.readUInt32BE(4)).toBe(mtu);
  if (family === 4) {
    expect(ip.subarray(12, 20)).toEqual(
      packet(4, { source: errorSource[4], destination: to, payload: Buffer.alloc(0) }).subarray(12),
    );
    expect([message[0], message[1]]).toEqual([3, 4]);
    expect([checksum(ip.subarray(0, 20)), checksum(message)]).toEqual([0, 0]);
    expect(message.subarray(8)).toEqual(about.subarray(0, 128));
    expect(ip.readUInt16BE(2)).toBe(ip.length);
    return;
  }
  const ends = packet(6, { source: errorSource[6], destination: to, payload: Buffer.alloc(0) });
  expect(ip.subarray(8, 40)).toEqual(ends.subarray(8));
  expect([message[0], message[1]]).toEqual([2, 0]);
  expect(isIcmpv6Right(ip)).toBe(true);
  expect(ip.length).toBe(1280);
  expect(ip.readUInt16BE(4)).toBe(1240);
  expect(message.subarray(8)).toEqual(about.subarray(0, 1232));
}

describe.each(FAMILIES)('a packet that is too big for its network, over IPv%i', (family) => {
  const send = (bytes: Buffer, more: { gsoSize?: number } = {}) =>
    bench.run('pod_ingress', { port: 'client', frame: frame(family, bytes), ...more });

  test.each([
    ['on this node', ADDRESS[family].server, 99],
    ['on another node', ADDRESS[family].remote, 99],
    ['behind a chain', ADDRESS[family].server, 53],
  ])('for a pod %s is dropped, and its sender is told what fits', async (_, destination, port) => {
    const big = sized(family, MTU + 1, { destination, port });
    const { action, frame: out, mark, dropped, events } = await send(big);
    expect({ action, mark, dropped, events }).toEqual({
      action: REDIRECT,
      mark: 0,
      dropped: ['too_big'],
      events: ['too_big_sent'],
    });
    expect(destinationOf(out)).toEqual(mac(MAC.client));
    expect(sourceOf(out)).toEqual(mac(MAC.server));
    expectAnswer(family, out, { to: ADDRESS[family].client, about: big, mtu: MTU });
  });

  test('is forwarded when it has exactly the MTU', async () => {
    expect(await send(sized(family, MTU))).toMatchObject({ action: REDIRECT, dropped: [], events: [] });
  });

  const options = Buffer.alloc(12, 1);
  const segments = [
    ['TCP', PROTOCOL.tcp, tcp(1000, 80, TCP_FLAG.ack)],
    [
      'TCP with options',
      PROTOCOL.tcp,
      Buffer.concat([tcp(1000, 80, TCP_FLAG.ack).fill(0x80, 12, 13), options]),
    ],
    ['UDP', PROTOCOL.udp, ports(1000, 99, Buffer.alloc(4))],
  ] as const;
  test.each(segments)('counts by the size of its segments, of %s', async (_, protocol, header) => {
    const big = packet(family, { protocol, payload: Buffer.concat([header, Buffer.alloc(2800, 0x5a)]) });
    const gsoSize = MTU - HEADER[family] - header.length;
    expect(await send(big, { gsoSize })).toMatchObject({ action: REDIRECT, dropped: [], events: [] });
    const { action, frame: out, dropped, events } = await send(big, { gsoSize: gsoSize + 1 });
    expect({ action, dropped, events }).toEqual({
      action: REDIRECT,
      dropped: ['too_big'],
      events: ['too_big_sent'],
    });
    expectAnswer(family, out, { to: ADDRESS[family].client, about: big, mtu: MTU });
  });

  test('is not answered when it is an ICMP error itself', async () => {
    const quoted = answer(family, { payload: ports(99, 1000, Buffer.alloc(1500)) });
    const type = family === 4 ? 3 : 1;
    const error = packet(family, { protocol: ICMP[family], payload: icmp(type, 3, quoted) });
    expect(await send(error)).toMatchObject({ action: DROP, dropped: ['too_big'], events: [] });
  });

  test('is answered as a first fragment, and not as a later one', async () => {
    const payload = ports(1000, 99, Buffer.alloc(1500));
    expect((await send(packet(family, { id: 9, more: true, offset: 0, payload }))).events).toEqual([
      'too_big_sent',
    ]);
    expect(await send(packet(family, { id: 9, offset: 200, payload }))).toMatchObject({
      action: DROP,
      dropped: ['too_big'],
      events: [],
    });
  });

  describe('that a function emits', () => {
    const emit = (bytes: Buffer, reply: boolean) =>
      bench.run('fn_ingress', {
        port: 'near',
        frame: frame(family, bytes, {
          source: ownMacOf('near'),
          destination: toInstance({ path: 7, position: 0, reply }).toString('hex'),
        }),
      });

    test.each([false, true])(
      'goes back into the function, against its direction (reply: %s)',
      async (reply) => {
        const payload = ports(reply ? 53 : 1000, reply ? 1000 : 53, Buffer.alloc(1500));
        const big = (reply ? answer : packet)(family, { payload });
        const { action, frame: out, mark, dropped, events } = await emit(big, reply);
        expect({ action, mark, dropped, events }).toEqual({
          action: REDIRECT,
          mark: markOf({ path: 7, position: 0, reply: !reply }),
          dropped: ['too_big'],
          events: ['too_big_sent'],
        });
        const to = reply ? ADDRESS[family].server : ADDRESS[family].client;
        expectAnswer(family, out, { to, about: big, mtu: MTU });
      },
    );

    test('is counted at its hop', async () => {
      await emit(sized(family, MTU + 1, { port: 53 }), false);
      expect(await bench.hopDrops()).toContainEqual({ path: 7, position: 0, reason: 'too_big' });
    });
  });
});

test('a network has an MTU of its own', async () => {
  await bench.setNetwork({ vni: VNI, mtu: 576, chains: [CHAIN] });
  const send = (bytes: Buffer) => bench.run('pod_ingress', { port: 'client', frame: frame(4, bytes) });
  expect(await send(sized(4, 576))).toMatchObject({ dropped: [] });
  const big = sized(4, 577);
  const { frame: out, events } = await send(big);
  expect(events).toEqual(['too_big_sent']);
  expectAnswer(4, out, { to: ADDRESS[4].client, about: big, mtu: 576 });
});
