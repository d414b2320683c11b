// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../../../api/net/address.ts';
import { addressOfBytes } from '../../../api/net/bytes.ts';
import { type Mac, macOfBytes } from '../../../api/net/mac.ts';

/** An answer's type, its fixed struct and its attributes by type (the last one of a type counts). */
export interface ParsedMessage {
  readonly type: number;
  readonly header: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

const NLMSG_HEADER = 16;
const TYPE_MASK = 0x3fff;

/** Parses an answer; `headerSize` is the size of the family's fixed struct. */
export function parseMessage(message: Uint8Array, headerSize: number): ParsedMessage {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const bodyAt = NLMSG_HEADER + ((headerSize + 3) & ~3);
  return {
    type: bytes.readUInt16LE(4),
    header: bytes.subarray(NLMSG_HEADER, NLMSG_HEADER + headerSize),
    attributes: parseAttributes(bytes.subarray(bodyAt)),
  };
}

export function parseAttributes(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > bytes.length) break;
    attributes.set(bytes.readUInt16LE(at + 2) & TYPE_MASK, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return attributes;
}

export function textOf(bytes: Buffer | undefined): string {
  return bytes === undefined ? '' : bytes.toString('utf8').replace(/\0+$/, '');
}

export function u32Of(bytes: Buffer | undefined): number | undefined {
  return bytes === undefined || bytes.length < 4 ? undefined : bytes.readUInt32LE(0);
}

/** The address of an attribute; undefined if it is missing, or its family is neither IPv4 nor IPv6. */
export function addressOf(bytes: Buffer | undefined): Address | undefined {
  return bytes?.length === 4 || bytes?.length === 16 ? addressOfBytes(bytes) : undefined;
}

/** The MAC of an attribute; undefined if it is missing or not of Ethernet. */
export function macOf(bytes: Buffer | undefined): Mac | undefined {
  return bytes?.length === 6 ? macOfBytes(bytes) : undefined;
}
