// SPDX-License-Identifier: Apache-2.0
import { type Address, bitsOf, type Family } from './address.ts';
import { bytes128, number128 } from './bytes.ts';
import type { Prefix } from './prefix.ts';
import type { Range } from './range.ts';

/**
 * Maps both families to one range of 128-bit numbers: IPv4 addresses are in ::ffff:0:0/96, as IPv6 maps them. BPF
 * maps hold all addresses in this form, as 16 bytes, so that one lookup serves both families. So ::/0 contains all of
 * IPv4.
 */

/** The mapped number of 0.0.0.0. */
const IPV4_START = 0xffffn << 32n;

/** Bits of a mapped address. */
export const MAPPED_BITS = 128;

/** A prefix as BPF maps hold it: 16 bytes in network order, of which 0 to 128 bits count. */
export interface MappedPrefix {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** The prefix of all addresses of both families. */
export const EVERYTHING: MappedPrefix = { bytes: new Uint8Array(16), length: 0 };

/** The prefix of all IPv4 addresses. */
export const ALL_IPV4: MappedPrefix = {
  bytes: Uint8Array.of(...Array<number>(10).fill(0), 0xff, 0xff, 0, 0, 0, 0),
  length: 96,
};

/** The mapped number of an address. */
export function mappedNumber({ family, value }: Address): bigint {
  return family === 4 ? IPV4_START | value : value;
}

/** The mapped range of a range of one family. */
export function mappedRange({ family, first, last }: Range & { readonly family: Family }): Range {
  return family === 4 ? { first: IPV4_START | first, last: IPV4_START | last } : { first, last };
}

/** An address as BPF maps hold it. */
export function mappedBytes({ family, value }: Address): Uint8Array {
  if (family === 6) return bytes128(value);
  const number = Number(value);
  const bytes = new Uint8Array(16);
  bytes[10] = 0xff;
  bytes[11] = 0xff;
  bytes[12] = number >>> 24;
  bytes[13] = number >>> 16;
  bytes[14] = number >>> 8;
  bytes[15] = number;
  return bytes;
}

/** The address in the 16 bytes of a BPF map. */
export function addressOfMapped(bytes: Uint8Array): Address {
  const value = number128(bytes);
  return isMappedIpv4(bytes) ? { family: 4, value: value ^ IPV4_START } : { family: 6, value };
}

/** Whether a mapped address is an IPv4 address. */
export function isMappedIpv4(bytes: Uint8Array): boolean {
  for (let index = 0; index < 10; index++) if (bytes[index] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

/** A single address as a prefix of BPF maps. */
export function mappedHost(address: Address): MappedPrefix {
  return { bytes: mappedBytes(address), length: MAPPED_BITS };
}

/** A prefix as BPF maps hold it. */
export function mappedPrefix({ family, value, length }: Prefix): MappedPrefix {
  return { bytes: mappedBytes({ family, value }), length: length + MAPPED_BITS - bitsOf(family) };
}

/** Whether every address of `inner` is one of `outer`. */
export function coversMapped(outer: MappedPrefix, inner: MappedPrefix): boolean {
  if (outer.length > inner.length) return false;
  const whole = outer.length >> 3;
  for (let index = 0; index < whole; index++) {
    if (outer.bytes[index] !== inner.bytes[index]) return false;
  }
  const rest = outer.length & 7;
  if (rest === 0) return true;
  return ((outer.bytes[whole]! ^ inner.bytes[whole]!) & (0xff00 >> rest) & 0xff) === 0;
}
