// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PacketBench } from './bench.ts';
import {
  arp,
  ETHERTYPE,
  EXTENSION,
  ethernet,
  icmp,
  ipv6,
  isIcmpv6Right,
  mac,
  neighbourSolicitation,
  PROTOCOL,
} from './frame.ts';
import { DROP, frame, MAC, REDIRECT, startBench } from './ground.ts';

const EVERYBODY = 'ff:ff:ff:ff:ff:ff';

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([]);
});
afterAll(() => bench?.close());

const ask = (question: Buffer) =>
  bench.run('pod_ingress', {
    port: 'client',
    frame: ethernet({ source: MAC.client, destination: EVERYBODY, type: ETHERTYPE.arp, payload: question }),
  });
const solicit = (packet: Buffer) =>
  bench.run('pod_ingress', {
    port: 'client',
    frame: frame(6, packet, { destination: '33:33:ff:00:00:03' }),
  });
const solicitation = (target: string, more: { source?: string; ttl?: number } = {}) =>
  ipv6({
    source: 'fd20::1',
    destination: 'ff02::1:ff00:3',
    protocol: PROTOCOL.icmpv6,
    payload: neighbourSolicitation(target, MAC.client),
    ttl: 255,
    ...more,
  });

test('a question by ARP for a Port of the network is answered with its hardware address', async () => {
  const sender = { senderMac: MAC.client, senderIp: '10.20.0.1' };
  const { action, frame: reply } = await ask(arp({ operation: 1, ...sender, targetIp: '10.20.0.3' }));
  expect(action).toBe(REDIRECT);
  const payload = arp({
    operation: 2,
    senderMac: MAC.remote,
    senderIp: '10.20.0.3',
    targetMac: MAC.client,
    targetIp: '10.20.0.1',
  });
  expect(reply).toEqual(
    ethernet({ source: MAC.remote, destination: MAC.client, type: ETHERTYPE.arp, payload }),
  );
});

test('a neighbour solicitation is answered with a checksum that is right', async () => {
  const { action, frame: reply } = await solicit(solicitation('fd20::3'));
  expect(action).toBe(REDIRECT);
  const advertisement = reply.subarray(54);
  expect([advertisement[0], advertisement[1], advertisement[4]]).toEqual([136, 0, 0x60]);
  expect(advertisement.subarray(26)).toEqual(mac(MAC.remote));
  expect(isIcmpv6Right(reply.subarray(14))).toBe(true);
});

test.each([
  [
    'by ARP',
    () => ask(arp({ operation: 1, senderMac: MAC.client, senderIp: '10.20.0.1', targetIp: '10.20.0.9' })),
  ],
  ['by neighbour discovery', () => solicit(solicitation('fd20::9'))],
])('a question %s for an address that nobody has is not answered', async (_, question) => {
  expect(await question()).toMatchObject({ action: DROP, dropped: ['no_neighbour'] });
});

test('a solicitation that crossed a router is no neighbour’s, and is dropped', async () => {
  expect(await solicit(solicitation('fd20::3', { ttl: 64 }))).toMatchObject({
    action: DROP,
    dropped: ['malformed'],
  });
});

test('a question in the name of another address is dropped', async () => {
  const question = arp({ operation: 1, senderMac: MAC.client, senderIp: '10.20.0.2', targetIp: '10.20.0.3' });
  expect(await ask(question)).toMatchObject({ action: DROP, dropped: ['spoofed_source'] });
});

test('an answer that nobody asked for is dropped: the map alone says who has an address', async () => {
  const poison = arp({ operation: 2, senderMac: MAC.client, senderIp: '10.20.0.2', targetIp: '10.20.0.3' });
  expect(await ask(poison)).toMatchObject({ action: DROP, dropped: ['multicast'] });
});

// Router solicitation and advertisement, neighbour advertisement, redirect (RFC 4861 4).
test.each([133, 134, 136, 137])(
  'discovery of type %i goes from no pod to another, however it is sent',
  async (type) => {
    for (const extensions of [[], [EXTENSION.destination]]) {
      const packet = ipv6({
        source: 'fd20::1',
        destination: 'fd20::3',
        protocol: PROTOCOL.icmpv6,
        payload: icmp(type, 0, Buffer.alloc(32)),
        ttl: 255,
        extensions,
      });
      const bytes = frame(6, packet, { destination: MAC.remote });
      expect(await bench.run('pod_ingress', { port: 'client', frame: bytes })).toMatchObject({
        action: DROP,
        dropped: ['multicast'],
      });
    }
  },
);
