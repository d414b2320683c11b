// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketBench } from './bench.ts';
import { EXTENSION, type Extension, type IpOptions, PROTOCOL, ports } from './frame.ts';
import {
  ADDRESS,
  chain,
  DROP,
  destinationOf,
  FAMILIES,
  type Family,
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
} from './ground.ts';

// Which rule applies: of a protocol with ports only the first fragment says them. They are remembered by network,
// place on the path, addresses, protocol and id, and later fragments have them from there; so a later one that comes
// before its first is dropped (`unknown_fragment`), and transport repeats. Protocols without ports are known by their
// addresses, which every fragment has: nothing is remembered of them.

const UDP_PATH = 7;
const OTHER_PATH = 8;
const POOL = [{ instances: ['p1', 'p2', 'p3', 'p4'] }];

let bench: PacketBench;
beforeAll(async () => {
  const udp = [{ protocol: 'UDP', port: 53 } as const];
  bench = await startBench(
    [
      chain({ pathId: UDP_PATH, ports: udp, hops: POOL }),
      chain({ pathId: 9, hops: ['far'], ports: [{ protocol: 'ICMP' }] }),
    ],
    { otherChains: [chain({ pathId: OTHER_PATH, ports: udp, hops: POOL, vni: OTHER_VNI })] },
  );
});
afterAll(() => bench?.close());

const send = (family: Family, more: Partial<IpOptions> & { payload: Buffer }) =>
  bench.run('pod_ingress', { port: 'client', frame: frame(family, packet(family, more)) });
const first = (id: number, source = 1000) => ({
  id,
  more: true,
  offset: 0,
  payload: ports(source, 53, Buffer.alloc(12)),
});
const later = (id: number) => ({ id, offset: 2, payload: Buffer.alloc(16) });

describe.each(FAMILIES)('fragments over IPv%i', (family) => {
  test('go where the first one goes', async () => {
    for (let id = 100; id < 120; id++) {
      const head = await send(family, first(id, id));
      const middle = await send(family, { ...later(id), more: true });
      const tail = await send(family, { ...later(id), offset: 4 });
      expect(head.action).toBe(REDIRECT);
      expect(destinationOf(middle.frame)).toEqual(destinationOf(head.frame));
      expect(destinationOf(tail.frame)).toEqual(destinationOf(head.frame));
    }
  });

  test('are of the same flow as whole packets with these ports', async () => {
    for (let source = 3000; source < 3010; source++) {
      const whole = await send(family, { payload: ports(source, 53) });
      const head = await send(family, first(source, source));
      expect(instanceOf(head.frame)).toBe(instanceOf(whole.frame));
    }
  });

  test('that come before their first one are dropped', async () => {
    expect(await send(family, later(200))).toMatchObject({ action: DROP, dropped: ['unknown_fragment'] });
    await send(family, first(200));
    expect(await send(family, later(200))).toMatchObject({ action: REDIRECT, dropped: [] });
  });

  test('of another protocol, other addresses or the other direction do not follow it', async () => {
    await send(family, first(300));
    for (const other of [
      { protocol: PROTOCOL.tcp },
      { destination: family === 4 ? '10.20.0.3' : 'fd20::3' },
    ]) {
      expect(await send(family, { ...later(300), ...other })).toMatchObject({
        dropped: ['unknown_fragment'],
      });
    }
  });

  test('of another network with the same addresses and the same id do not follow it', async () => {
    await send(family, first(400));
    const bytes = frame(family, packet(family, later(400)), { source: MAC.twin });
    expect(await bench.run('pod_ingress', { port: 'twin', frame: bytes })).toMatchObject({
      action: DROP,
      dropped: ['unknown_fragment'],
    });
  });

  test('do not follow a first one that another pod sent in their name (security.md: pod-forges-fragments)', async () => {
    const { server, remote } = ADDRESS[family];
    const ends = { source: server, destination: remote };
    expect(await send(family, { ...first(450), ...ends })).toMatchObject({ dropped: ['spoofed_source'] });
    const tail = frame(family, packet(family, { ...later(450), ...ends }), { source: MAC.server });
    expect(await bench.run('pod_ingress', { port: 'server', frame: tail })).toMatchObject({
      action: DROP,
      dropped: ['unknown_fragment'],
    });
  });

  test('follow the newest first one where an id comes again', async () => {
    const ways = new Set<number>();
    for (let source = 5000; source < 5020; source++) {
      const head = await send(family, first(500, source));
      const tail = await send(family, later(500));
      expect(instanceOf(tail.frame)).toBe(instanceOf(head.frame));
      ways.add(instanceOf(tail.frame));
    }
    expect(ways.size).toBeGreaterThan(1);
  });

  test('of a protocol without ports need no first one', async () => {
    const orphan = { protocol: PROTOCOL.esp, id: 600, offset: 2, payload: Buffer.alloc(16) };
    expect(await send(family, orphan)).toMatchObject({ action: REDIRECT, dropped: [] });
    const ping = { protocol: family === 4 ? PROTOCOL.icmp : PROTOCOL.icmpv6, id: 601, offset: 2 };
    const { frame: out } = await send(family, { ...ping, payload: Buffer.alloc(16) });
    expect(destinationOf(out)).toEqual(toInstance({ path: 9, position: 0, instance: INSTANCE.far.id }));
  });

  test('between two functions are kept apart from those that the pod sent', async () => {
    const context = toInstance({ path: UDP_PATH, position: 0 }).toString('hex');
    const emit = (more: Partial<IpOptions> & { payload: Buffer }) =>
      bench.run('fn_ingress', {
        port: 'p1',
        frame: frame(family, packet(family, more), { source: ownMacOf('p1'), destination: context }),
      });
    await send(family, first(700));
    expect(await emit(later(700))).toMatchObject({ action: DROP, dropped: ['unknown_fragment'] });
    await emit(first(700, 7000));
    expect(await emit(later(700))).toMatchObject({ action: REDIRECT, dropped: [] });
  });
});

describe('extension headers of IPv6', () => {
  const { hopByHop, routing, destination } = EXTENSION;

  test.each<readonly [string, { readonly extensions: readonly Extension[] }]>([
    ['one before the ports', { extensions: [hopByHop] }],
    ['several before the ports', { extensions: [hopByHop, routing, destination] }],
    ['as many as are read', { extensions: Array<number>(6).fill(destination) }],
    ...[16, 24, 64, 256].map(
      (bytes) => [`one of ${bytes} bytes`, { extensions: [{ kind: destination, bytes }] }] as const,
    ),
    [
      'long ones between short ones',
      { extensions: [hopByHop, { kind: routing, bytes: 40 }, destination, { kind: destination, bytes: 16 }] },
    ],
  ])('%s hide no flow', async (_, headers) => {
    const plain = await send(6, { payload: ports(4000, 53) });
    const { frame: out } = await send(6, { ...headers, payload: ports(4000, 53) });
    expect(destinationOf(out)).toEqual(destinationOf(plain.frame));
  });

  test.each([8, 24, 128])(
    'of %i bytes before a fragment header and behind it hide no flow',
    async (bytes) => {
      const headers = {
        extensions: [{ kind: hopByHop, bytes }],
        innerExtensions: [{ kind: destination, bytes }],
      };
      const plain = await send(6, { payload: ports(4001, 53) });
      const head = await send(6, { ...first(800, 4001), ...headers });
      expect(destinationOf(head.frame)).toEqual(destinationOf(plain.frame));
      // A later fragment names the header that its first one begins with, not the transport.
      const tail = await send(6, { ...later(800), ...headers, innerExtensions: [] });
      expect(tail.dropped).toEqual([]);
    },
  );

  test('more than anyone sends are malformed', async () => {
    const headers = { extensions: Array<number>(7).fill(destination) };
    expect(await send(6, { ...headers, payload: ports(4000, 53) })).toMatchObject({
      action: DROP,
      dropped: ['malformed'],
    });
  });
});
