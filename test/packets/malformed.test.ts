// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../../api/net/address.ts';
import { mappedBytes } from '../../api/net/mapped.ts';
import type { PacketBench } from './bench.ts';
import { ETHERTYPE, ethernet, icmp, PROTOCOL, ports, TCP_FLAG, tcp } from './frame.ts';
import {
  chain,
  DROP,
  type Family,
  frame,
  MAC,
  ownMacOf,
  packet,
  REDIRECT,
  startBench,
  toInstance,
} from './ground.ts';

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([chain({ pathId: 7, hops: ['near'] })]);
});
afterAll(() => bench?.close());

const udp = (family: Family) => packet(family, { payload: ports(1000, 53) });
/** A packet with one byte of its IP header changed. */
const lie = (family: Family, at: number, byte: number) => {
  const bytes = Buffer.from(udp(family));
  bytes[at] = byte;
  return bytes;
};

/** An IPv6 packet with an IPv4 address in IPv6 form (RFC 4291 2.5.5.2), which is no address on a wire. */
const mapped = (at: number, address: string) => {
  const bytes = Buffer.from(udp(6));
  bytes.set(mappedBytes(parseAddress(address)), at);
  return bytes;
};

// A header cut short is no packet for BPF_PROG_TEST_RUN: test/kernel/isolation sends those.
const MALFORMED: readonly (readonly [string, Family, Buffer])[] = [
  ['an IPv4 header length below 20', 4, lie(4, 0, 0x44)],
  ['an IPv4 header longer than the packet', 4, lie(4, 0, 0x4f)],
  ['version 6 in an IPv4 frame', 4, lie(4, 0, 0x65)],
  ['version 0', 4, lie(4, 0, 0x05)],
  ['an IPv4 length below its header', 4, packet(4, { length: 19, payload: ports(1000, 53) })],
  ['an IPv4 length of 0', 4, packet(4, { length: 0, payload: ports(1000, 53) })],
  ['an IPv4 length beyond the frame', 4, packet(4, { length: 29, payload: ports(1000, 53) })],
  ['UDP ports cut short', 4, packet(4, { payload: Buffer.alloc(3) })],
  [
    'a TCP header cut before its flags',
    4,
    packet(4, { protocol: PROTOCOL.tcp, payload: tcp(1, 2, TCP_FLAG.syn).subarray(0, 13) }),
  ],
  ['SCTP ports cut short', 4, packet(4, { protocol: PROTOCOL.sctp, payload: Buffer.alloc(2) })],
  ['an ICMP message of no bytes', 4, packet(4, { protocol: PROTOCOL.icmp, payload: Buffer.alloc(0) })],
  ['an ICMP error that quotes nothing', 4, packet(4, { protocol: PROTOCOL.icmp, payload: icmp(3, 3) })],
  [
    'an ICMP error that quotes another family',
    4,
    packet(4, { protocol: PROTOCOL.icmp, payload: icmp(3, 3, udp(6)) }),
  ],
  ['version 4 in an IPv6 frame', 6, lie(6, 0, 0x45)],
  ['an IPv6 length beyond the frame', 6, packet(6, { length: 9, payload: ports(1000, 53) })],
  ['an IPv4 address as the source of IPv6', 6, mapped(8, '10.20.0.1')],
  ['an IPv4 address as the destination of IPv6', 6, mapped(24, '10.20.0.2')],
  ['IPv6 ports cut short', 6, packet(6, { payload: Buffer.alloc(3) })],
  ['an extension header that is not there', 6, packet(6, { protocol: 60, payload: Buffer.alloc(0) })],
  [
    'an extension header longer than the packet',
    6,
    packet(6, { protocol: 60, payload: Buffer.from([17, 255, 1, 4, 0, 0, 0, 0]) }),
  ],
  ['a fragment header cut short', 6, packet(6, { protocol: 44, payload: Buffer.from([17, 0, 0]) })],
  ['an ICMPv6 error that quotes nothing', 6, packet(6, { protocol: PROTOCOL.icmpv6, payload: icmp(1, 4) })],
];

describe.each(MALFORMED)('%s (security.md: pod-sends-malformed)', (_, family, bytes) => {
  test('of a pod is dropped', async () => {
    expect(await bench.run('pod_ingress', { port: 'client', frame: frame(family, bytes) })).toMatchObject({
      action: DROP,
      dropped: ['malformed'],
    });
  });

  test('of a function is dropped', async () => {
    const destination = toInstance({ path: 7, position: 0 }).toString('hex');
    const ends = { source: ownMacOf('near'), destination };
    expect(await bench.run('fn_ingress', { port: 'near', frame: frame(family, bytes, ends) })).toMatchObject({
      action: DROP,
      dropped: ['malformed'],
    });
  });
});

describe('frames', () => {
  const raw = (type: number, payload: Buffer, destination: string = MAC.server) =>
    ethernet({ source: MAC.client, destination, type, payload });

  test.each([
    ['with a VLAN tag', raw(ETHERTYPE.vlan, Buffer.concat([Buffer.from([0, 5, 8, 0]), udp(4)])), 'vlan'],
    ['with a service tag', raw(0x88a8, Buffer.concat([Buffer.from([0, 5, 8, 0]), udp(4)])), 'vlan'],
    ['that are not IP', raw(0x88b5, Buffer.alloc(60)), 'not_ip'],
    ['of a length instead of a type', raw(60, Buffer.alloc(60)), 'not_ip'],
    ['for everybody', raw(ETHERTYPE.ipv4, udp(4), 'ff:ff:ff:ff:ff:ff'), 'multicast'],
    ['for a group', raw(ETHERTYPE.ipv6, udp(6), '33:33:00:00:00:01'), 'multicast'],
    ['of ARP that end before it does', raw(ETHERTYPE.arp, Buffer.alloc(20)), 'malformed'],
  ])('%s are dropped with a reason', async (_, bytes, reason) => {
    expect(await bench.run('pod_ingress', { port: 'client', frame: bytes })).toMatchObject({
      action: DROP,
      dropped: [reason],
    });
  });

  test.each([
    ['with a VLAN tag', ETHERTYPE.vlan, 'vlan'],
    ['that are not IP', 0x88b5, 'not_ip'],
  ])('of a function %s are dropped with a reason', async (_, type, reason) => {
    const destination = toInstance({ path: 7, position: 0 }).toString('hex');
    const bytes = ethernet({ source: ownMacOf('near'), destination, type, payload: Buffer.alloc(60) });
    expect(await bench.run('fn_ingress', { port: 'near', frame: bytes })).toMatchObject({
      action: DROP,
      dropped: [reason],
    });
  });

  test('with options in the IPv4 header are well formed, and their ports are found behind them', async () => {
    const bytes = packet(4, { options: Buffer.alloc(8, 1), payload: ports(1000, 53) });
    expect(await bench.run('pod_ingress', { port: 'client', frame: frame(4, bytes) })).toMatchObject({
      action: REDIRECT,
      dropped: [],
    });
    expect((await bench.flows()).some(({ key }) => [key.lowPort, key.highPort].includes(1000))).toBe(true);
  });

  test('padded to the least that Ethernet carries are well formed', async () => {
    const bytes = Buffer.concat([frame(4, udp(4)), Buffer.alloc(18)]);
    expect(await bench.run('pod_ingress', { port: 'client', frame: bytes })).toMatchObject({
      action: REDIRECT,
    });
  });
});
