// SPDX-License-Identifier: Apache-2.0
import { parseAddress } from '../../api/net/address.ts';
import { addressBytes } from '../../api/net/bytes.ts';

/** Builders of frames. Each builder returns bytes; layers are put together by concatenation. */

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex');

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function mac(text: string): Buffer {
  return hex(text);
}

export function ethernet(options: {
  source: string;
  destination: string;
  type: number;
  payload: Buffer;
}): Buffer {
  return Buffer.concat([hex(options.destination), hex(options.source), u16(options.type), options.payload]);
}

export interface IpOptions {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly payload: Buffer;
  readonly ttl?: number;
  /** DSCP and ECN. */
  readonly trafficClass?: number;
  /** The length in the header, if it is to be wrong. */
  readonly length?: number;
  readonly id?: number;
  /** In units of 8 bytes. */
  readonly offset?: number;
  readonly more?: boolean;
  /** Options after the header of IPv4, in whole words. */
  readonly options?: Buffer;
  /** Extension headers of IPv6 before and after the fragment header. */
  readonly extensions?: readonly Extension[];
  readonly innerExtensions?: readonly Extension[];
}

/** An extension header: its kind, and its length in bytes (a multiple of 8, by default 8). */
export type Extension = number | { readonly kind: number; readonly bytes: number };

/** RFC 791. */
export function ipv4(packet: IpOptions): Buffer {
  const { options = Buffer.alloc(0), payload } = packet;
  const header = Buffer.concat([Buffer.alloc(20), options]);
  header[0] = 0x40 | (header.length / 4);
  header[1] = packet.trafficClass ?? 0;
  header.writeUInt16BE(packet.length ?? header.length + payload.length, 2);
  header.writeUInt16BE(packet.id ?? 1, 4);
  header.writeUInt16BE((packet.more ? 0x2000 : 0) | (packet.offset ?? 0), 6);
  header[8] = packet.ttl ?? 64;
  header[9] = packet.protocol;
  header.set(addressBytes(parseAddress(packet.source)), 12);
  header.set(addressBytes(parseAddress(packet.destination)), 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, payload]);
}

const FRAGMENT = 44;

/** RFC 8200; a fragment header comes in between when `offset` or `more` says so. */
export function ipv6(packet: IpOptions): Buffer {
  const isFragment = packet.more === true || packet.offset !== undefined;
  const chain = [
    ...(packet.extensions ?? []),
    ...(isFragment ? [FRAGMENT] : []),
    ...(packet.innerExtensions ?? []),
  ].map((each) => (typeof each === 'number' ? { kind: each, bytes: 8 } : each));
  const extensions = chain.map(({ kind, bytes }, at) => {
    const next = chain[at + 1]?.kind ?? packet.protocol;
    return kind === FRAGMENT ? fragmentHeader(packet, next) : optionsHeader(next, bytes);
  });
  const body = Buffer.concat([...extensions, packet.payload]);
  const header = Buffer.alloc(40);
  const trafficClass = packet.trafficClass ?? 0;
  header[0] = 0x60 | (trafficClass >> 4);
  header[1] = (trafficClass & 0xf) << 4;
  header.writeUInt16BE(packet.length ?? body.length, 4);
  header[6] = chain[0]?.kind ?? packet.protocol;
  header[7] = packet.ttl ?? 64;
  header.set(addressBytes(parseAddress(packet.source)), 8);
  header.set(addressBytes(parseAddress(packet.destination)), 24);
  return Buffer.concat([header, body]);
}

function fragmentHeader({ offset = 0, more = false, id = 1 }: IpOptions, next: number): Buffer {
  const header = Buffer.alloc(8);
  header[0] = next;
  header.writeUInt16BE((offset << 3) | (more ? 1 : 0), 2);
  header.writeUInt32BE(id, 4);
  return header;
}

/**
 * An options header: the next header, its length in units of 8 bytes less 1, and one option that pads the rest (PadN).
 * What it pads looks like ports, for whoever reads the transport header too early.
 */
function optionsHeader(next: number, bytes: number): Buffer {
  return Buffer.concat([Buffer.from([next, bytes / 8 - 1, 1, bytes - 4]), Buffer.alloc(bytes - 4, 0x35)]);
}

/** UDP, or the first bytes of any protocol that begins with ports. */
export function ports(source: number, destination: number, rest: Buffer = Buffer.alloc(4)): Buffer {
  return Buffer.concat([u16(source), u16(destination), rest]);
}

export function tcp(source: number, destination: number, flags: number): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(source, 0);
  header.writeUInt16BE(destination, 2);
  header[12] = 0x50;
  header[13] = flags;
  return header;
}

export function icmp(type: number, code = 0, payload: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from([type, code, 0, 0, 0, 0, 0, 0]), payload]);
}

/** RFC 826. */
export function arp(options: {
  operation: 1 | 2;
  senderMac: string;
  senderIp: string;
  targetMac?: string;
  targetIp: string;
}): Buffer {
  const address = (text: string) => Buffer.from(addressBytes(parseAddress(text)));
  return Buffer.concat([
    Buffer.from([0, 1, 8, 0, 6, 4, 0, options.operation]),
    hex(options.senderMac),
    address(options.senderIp),
    hex(options.targetMac ?? '00:00:00:00:00:00'),
    address(options.targetIp),
  ]);
}

/** RFC 4861 4.3, with the source link-layer option. */
export function neighbourSolicitation(target: string, sourceMac: string): Buffer {
  const fixed = Buffer.concat([Buffer.from([135, 0, 0, 0, 0, 0, 0, 0]), addressBytes(parseAddress(target))]);
  return Buffer.concat([fixed, Buffer.from([1, 1]), hex(sourceMac)]);
}

/** RFC 768, without a checksum. */
export function udp(source: number, destination: number, payload: Buffer): Buffer {
  return Buffer.concat([
    ports(source, destination, Buffer.concat([u16(8 + payload.length), u16(0)])),
    payload,
  ]);
}

/** RFC 7348. */
export function vxlan(vni: number, inner: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header[0] = 8;
  header.writeUIntBE(vni, 4, 3);
  return Buffer.concat([header, inner]);
}

export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const;
export const PROTOCOL = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  icmpv6: 58,
  sctp: 132,
  udpLite: 136,
} as const;
export const EXTENSION = { hopByHop: 0, routing: 43, destination: 60 } as const;
export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** Whether the checksum of an ICMPv6 message is right: over a pseudo header too (RFC 8200 8.1). */
export function isIcmpv6Right(packet: Buffer): boolean {
  const message = packet.subarray(40);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  const pseudo = [packet.subarray(8, 40), length, Buffer.from([0, 0, 0, PROTOCOL.icmpv6])];
  return checksum(Buffer.concat([...pseudo, message])) === 0;
}

/** RFC 1071. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2) {
    sum += bytes.readUInt8(index) * 256 + (index + 1 < bytes.length ? bytes.readUInt8(index + 1) : 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
