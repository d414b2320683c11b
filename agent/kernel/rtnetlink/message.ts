// SPDX-License-Identifier: Apache-2.0
import type { Address, Family } from '../../../api/net/address.ts';
import { addressBytes } from '../../../api/net/bytes.ts';
import { type Mac, macBytes } from '../../../api/net/mac.ts';
import type { DescriptorPlaceholder, NetlinkMessage } from '../protocol.ts';

/** Flags of a request, from linux/netlink.h. */
export const NLM = {
  request: 0x001,
  ack: 0x004,
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
} as const;

/** The kernel's numbers of the families. */
export const AF: Readonly<Record<Family, number>> = { 4: 2, 6: 10 };
export const AF_UNSPEC = 0;

const HEADER = 16;
const NLA_NESTED = 0x8000;

/** An attribute: bytes, nested attributes, or a placeholder for a descriptor. */
export type Attribute =
  | { readonly type: number; readonly bytes: Uint8Array }
  | { readonly type: number; readonly nested: readonly Attribute[]; readonly prefix?: Uint8Array }
  | { readonly type: number; readonly netns: string }
  | { readonly type: number; readonly pin: string };

export interface MessageParts {
  readonly type: number;
  /** Flags besides NLM_F_REQUEST and NLM_F_ACK, which every message has. */
  readonly flags: number;
  /** The family's fixed struct (ifinfomsg, rtmsg, ...). */
  readonly header: Uint8Array;
  readonly attributes: readonly Attribute[];
  readonly tolerate?: readonly string[];
}

/** Builds one rtnetlink message. */
export function buildMessage(parts: MessageParts): NetlinkMessage {
  const descriptors: DescriptorPlaceholder[] = [];
  const body: Buffer[] = [padded(parts.header)];
  let length = HEADER + body[0]!.length;
  for (const attribute of parts.attributes) {
    const built = buildAttribute(attribute, { at: length, descriptors });
    body.push(built);
    length += built.length;
  }
  const head = Buffer.alloc(HEADER);
  head.writeUInt32LE(length, 0);
  head.writeUInt16LE(parts.type, 4);
  head.writeUInt16LE(parts.flags | NLM.request | NLM.ack, 6);
  return { bytes: Buffer.concat([head, ...body]), descriptors, tolerate: parts.tolerate ?? [] };
}

function buildAttribute(
  attribute: Attribute,
  place: { at: number; descriptors: DescriptorPlaceholder[] },
): Buffer {
  const head = Buffer.alloc(4);
  if ('nested' in attribute) {
    const inner: Buffer[] = [padded(attribute.prefix ?? new Uint8Array(0))];
    let size = 4 + inner[0]!.length;
    for (const child of attribute.nested) {
      const built = buildAttribute(child, { at: place.at + size, descriptors: place.descriptors });
      inner.push(built);
      size += built.length;
    }
    head.writeUInt16LE(size, 0);
    head.writeUInt16LE(attribute.type | NLA_NESTED, 2);
    return Buffer.concat([head, ...inner]);
  }
  const bytes = 'bytes' in attribute ? attribute.bytes : new Uint8Array(4);
  const offset = place.at + 4;
  if ('netns' in attribute) place.descriptors.push({ offset, kind: 'Netns', path: attribute.netns });
  if ('pin' in attribute) place.descriptors.push({ offset, kind: 'Pin', path: attribute.pin });
  head.writeUInt16LE(4 + bytes.length, 0);
  head.writeUInt16LE(attribute.type, 2);
  return padded(Buffer.concat([head, bytes]));
}

function padded(bytes: Uint8Array): Buffer {
  const whole = Buffer.alloc((bytes.length + 3) & ~3);
  whole.set(bytes);
  return whole;
}

export function u8(type: number, value: number): Attribute {
  return { type, bytes: Uint8Array.of(value) };
}

export function u16be(type: number, value: number): Attribute {
  return { type, bytes: Uint8Array.of(value >> 8, value & 0xff) };
}

export function u32(type: number, value: number): Attribute {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return { type, bytes };
}

export function text(type: number, value: string): Attribute {
  return { type, bytes: Buffer.from(`${value}\0`, 'utf8') };
}

export function raw(type: number, bytes: Uint8Array): Attribute {
  return { type, bytes };
}

export function ip(type: number, address: Address): Attribute {
  return raw(type, addressBytes(address));
}

export function mac(type: number, address: Mac): Attribute {
  return raw(type, macBytes(address));
}
