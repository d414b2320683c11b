// SPDX-License-Identifier: Apache-2.0
import { parseAddress } from '../../../api/net/address.ts';
import { addressBytes } from '../../../api/net/bytes.ts';
import { CHAIN0_MAC, type Context, macOf } from './bed.ts';

/** A packet as a rule sees it. */
export interface Packet {
  readonly context: Context;
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'ICMP' | 'ICMPv6' | 'Other';
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmpType: number;
  /** TCP only: SYN opens, SYN-ACK answers, ACK is in the middle. */
  readonly flags?: 'SYN' | 'SYN-ACK' | 'ACK';
  /** Identifies the packet within a test; it is in the payload. */
  readonly id: number;
}

const NUMBERS = { TCP: 6, UDP: 17, SCTP: 132, ICMP: 1, ICMPv6: 58, Other: 50 } as const;
const FLAGS = { SYN: 0x02, 'SYN-ACK': 0x12, ACK: 0x10 } as const;
/** The bytes before the id in the payload, by which the id is found in the output. */
const MAGIC = 'c0ffee42';

/** The frame that the wire carries into chain0, in hex. */
export function encodeFrame(packet: Packet): string {
  const source = addressBytes(parseAddress(packet.source));
  const destination = addressBytes(parseAddress(packet.destination));
  const v6 = source.length === 16;
  const body = encodeBody(packet, source, destination);
  const header = v6
    ? Buffer.concat([
        Buffer.from([0x60, 0, 0, 0, body.length >> 8, body.length & 255, NUMBERS[packet.protocol], 64]),
        source,
        destination,
      ])
    : encodeV4(packet, body.length, { source, destination });
  const ethernet = Buffer.from(`${CHAIN0_MAC}${macOf(packet.context)}`.replaceAll(':', ''), 'hex');
  return Buffer.concat([ethernet, Buffer.from(v6 ? '86dd' : '0800', 'hex'), header, body]).toString('hex');
}

function encodeV4(
  packet: Packet,
  length: number,
  { source, destination }: { readonly source: Uint8Array; readonly destination: Uint8Array },
): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + length, 2);
  header.writeUInt16BE(packet.id & 0xffff, 4);
  header[8] = 64;
  header[9] = NUMBERS[packet.protocol];
  header.set(source, 12);
  header.set(destination, 16);
  header.writeUInt16BE(checksum(header), 10);
  return header;
}

function encodeBody(packet: Packet, source: Uint8Array, destination: Uint8Array): Buffer {
  const payload = Buffer.from(`${MAGIC}${packet.id.toString(16).padStart(8, '0')}`, 'hex');
  const number = NUMBERS[packet.protocol];
  const pseudo = (length: number): Buffer =>
    Buffer.concat([source, destination, Buffer.from([0, 0, length >> 8, length & 255, 0, 0, 0, number])]);
  const sum = (body: Buffer, at: number, covered = true): Buffer => {
    body.writeUInt16BE(checksum(covered ? Buffer.concat([pseudo(body.length), body]) : body) || 0xffff, at);
    return body;
  };
  switch (packet.protocol) {
    case 'UDP':
      return sum(Buffer.concat([ports(packet), u16(8 + payload.length), u16(0), payload]), 6);
    case 'TCP': {
      const flags = FLAGS[packet.flags ?? 'SYN'];
      // Numbers of a handshake: the reply to a SYN acknowledges it.
      const numbers = Buffer.from(flags === FLAGS.SYN ? '0000100000000000' : '0000200000001001', 'hex');
      const rest = Buffer.from([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
      return sum(Buffer.concat([ports(packet), numbers, rest, payload]), 16);
    }
    case 'SCTP': {
      const init = Buffer.from('01000014000000010000ffff0001000100000001', 'hex');
      const body = Buffer.concat([ports(packet), Buffer.alloc(8), init]);
      // The id is the initiate tag: only an INIT chunk opens an association.
      body.writeUInt32BE(packet.id + 1, 16);
      body.writeUInt32LE(crc32c(body), 8);
      return body;
    }
    case 'ICMP':
    case 'ICMPv6': {
      const head = Buffer.from([
        packet.icmpType,
        0,
        0,
        0,
        packet.sourcePort >> 8,
        packet.sourcePort & 255,
        0,
        1,
      ]);
      return sum(Buffer.concat([head, payload]), 2, packet.protocol === 'ICMPv6');
    }
    case 'Other':
      return Buffer.concat([Buffer.from('0000000100000001', 'hex'), payload]);
  }
}

function ports(packet: Packet): Buffer {
  return Buffer.concat([u16(packet.sourcePort), u16(packet.destinationPort)]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

/** A frame that came out of chain0. */
export type Seen =
  | { readonly kind: 'Forwarded'; readonly id: number; readonly mac: string }
  /** A reset or an ICMP error that quotes the packet. `mac` says the context that it carries. */
  | {
      readonly kind: 'Rejected';
      readonly answer: 'Reset' | 'Icmp';
      readonly key: string;
      readonly mac: string;
    }
  | { readonly kind: 'Strange'; readonly frame: string };

/** Decodes a frame that came out: a packet of the test, or the function's own reply to one. */
export function decodeFrame(frame: string): Seen {
  const bytes = Buffer.from(frame, 'hex');
  const mac = frame.slice(0, 12).match(/../g)!.join(':');
  const v6 = bytes.readUInt16BE(12) === 0x86dd;
  const protocol = v6 ? bytes[20]! : bytes[23]!;
  const at = 14 + (v6 ? 40 : 20);
  const type = bytes[at]!;
  const code = bytes[at + 1]!;
  const isError =
    (protocol === 1 && type === 3 && code === 13) || (protocol === 58 && type === 1 && code === 1);
  const magic = frame.indexOf(MAGIC);
  if (isError && bytes.length > at + 40) {
    return { kind: 'Rejected', answer: 'Icmp', key: flowKey(bytes.subarray(at + 8), v6), mac };
  }
  if (protocol === 6 && (bytes[at + 13]! & 0x04) !== 0) {
    return { kind: 'Rejected', answer: 'Reset', key: flowKey(bytes.subarray(14), v6, true), mac };
  }
  if (protocol === 132) return { kind: 'Forwarded', id: bytes.readUInt32BE(at + 16) - 1, mac };
  if (magic < 0) return { kind: 'Strange', frame };
  return { kind: 'Forwarded', id: Number.parseInt(frame.slice(magic + 8, magic + 16), 16), mac };
}

/** Addresses, protocol and the first four bytes after the header, of the packet or of the one that it answers. */
function flowKey(ip: Buffer, v6: boolean, reversed = false): string {
  const [from, to, body] = v6 ? [8, 24, 40] : [12, 16, 20];
  const size = v6 ? 16 : 4;
  const protocol = v6 ? ip[6]! : ip[9]!;
  const a = ip.subarray(from, from + size).toString('hex');
  const b = ip.subarray(to, to + size).toString('hex');
  const left = ip.subarray(body, body + 2).toString('hex');
  const right = ip.subarray(body + 2, body + 4).toString('hex');
  return reversed ? `${protocol} ${b} ${a} ${right} ${left}` : `${protocol} ${a} ${b} ${left} ${right}`;
}

/** The key that a rejection of this packet has. */
export function rejectionKey(packet: Packet): string {
  const bytes = Buffer.from(encodeFrame(packet), 'hex');
  return flowKey(bytes.subarray(14), bytes.readUInt16BE(12) === 0x86dd);
}
