// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketBench } from './bench.ts';
import { mac, PROTOCOL, ports, tcp } from './frame.ts';
import {
  ADDRESS,
  answer,
  DROP,
  destinationOf,
  echo,
  FAMILIES,
  frame,
  ICMP,
  MAC,
  packet,
  REDIRECT,
  sourceOf,
  startBench,
} from './ground.ts';

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([]);
});
afterAll(() => bench?.close());

const send = (bytes: Buffer, port = 'client') => bench.run('pod_ingress', { port, frame: bytes });

describe.each(FAMILIES)('a packet that no chain takes, over IPv%i', (family) => {
  test('goes to the Port on this node with its hardware address, and without a mark', async () => {
    const {
      action,
      frame: out,
      mark,
    } = await send(frame(family, packet(family, { payload: ports(1000, 99) })));
    expect({ action, mark }).toEqual({ action: REDIRECT, mark: 0 });
    expect(destinationOf(out)).toEqual(mac(MAC.server));
    expect(sourceOf(out)).toEqual(mac(MAC.client));
  });

  test("goes to another node with the Port's own hardware address inside", async () => {
    const away = packet(family, { destination: ADDRESS[family].remote, payload: ports(1000, 99) });
    const { action, frame: out } = await send(frame(family, away));
    expect(action).toBe(REDIRECT);
    expect(destinationOf(out)).toEqual(mac(MAC.remote));
  });

  test.each([
    ['TCP', PROTOCOL.tcp, tcp(1000, 80, 2)],
    ['SCTP', PROTOCOL.sctp, ports(1000, 80, Buffer.alloc(12))],
    ['a ping', ICMP[family], echo(family)],
    ['GRE', PROTOCOL.gre, Buffer.from([0, 0, 8, 0, 1, 2, 3, 4])],
    ['ESP', PROTOCOL.esp, Buffer.alloc(24, 7)],
    ['nothing behind its header', 59, Buffer.alloc(0)],
  ])('goes by its addresses alone, as %s', async (_, protocol, payload) => {
    const { action, frame: out } = await send(frame(family, packet(family, { protocol, payload })));
    expect(action).toBe(REDIRECT);
    expect(destinationOf(out)).toEqual(mac(MAC.server));
  });

  test('does not leave in the name of another address', async () => {
    const forged = packet(family, { source: ADDRESS[family].remote, payload: ports(1000, 99) });
    expect(await send(frame(family, forged))).toMatchObject({ action: DROP, dropped: ['spoofed_source'] });
  });

  test('does not leave with another hardware address', async () => {
    const bytes = frame(family, packet(family, { payload: ports(1000, 99) }), { source: MAC.server });
    expect(await send(bytes)).toMatchObject({ action: DROP, dropped: ['spoofed_mac'] });
  });

  test('to an address that nobody has is dropped', async () => {
    const nobody = family === 4 ? '10.20.0.99' : 'fd20::99';
    const lost = packet(family, { destination: nobody, payload: ports(1000, 99) });
    expect(await send(frame(family, lost))).toMatchObject({ action: DROP, dropped: ['unknown_destination'] });
  });

  test('reaches the Port of its own network where another network has the same address', async () => {
    const bytes = frame(family, packet(family, { payload: ports(1000, 99) }), { source: MAC.twin });
    const { frame: out } = await send(bytes, 'twin');
    expect(destinationOf(out)).toEqual(mac('06:00:00:00:00:16'));
  });

  test('goes back the same way', async () => {
    const back = frame(family, answer(family, { payload: ports(99, 1000) }), { source: MAC.server });
    const { action, frame: out } = await send(back, 'server');
    expect(action).toBe(REDIRECT);
    expect(destinationOf(out)).toEqual(mac(MAC.client));
  });
});
