// SPDX-License-Identifier: Apache-2.0
import {
  type Address,
  AddressError,
  bitsOf,
  type Family,
  formatAddress,
  onesOf,
  parseAddressPart,
  quote,
  tryParseAddress,
} from './address.ts';

/** All addresses that have the first `length` bits in common, such as 10.20.0.0/16. The other bits of `value` are zero. */
export interface Prefix {
  readonly family: Family;
  readonly value: bigint;
  readonly length: number;
}

/** Parses a prefix such as `10.20.0.0/16`. Bits after the length must be zero. */
export function parsePrefix(text: string): Prefix {
  const asWritten = readPrefix(text);
  if (asWritten === undefined) {
    throw new AddressError(`${quote(text)} is not an address range such as 10.20.0.0/16 or fd20::/64`);
  }
  if (hasHostBits(asWritten)) {
    const meant = formatPrefix(prefixOf(firstAddress(asWritten), asWritten.length));
    throw new AddressError(`${quote(text)} has host bits set; write ${meant}`);
  }
  return asWritten;
}

/** Parses a prefix like parsePrefix, but returns undefined for invalid text. */
export function tryParsePrefix(text: string): Prefix | undefined {
  const asWritten = readPrefix(text);
  return asWritten === undefined || hasHostBits(asWritten) ? undefined : asWritten;
}

/** Parses prefixes that were validated before. Invalid ones are left out. */
export function prefixesOf(texts: readonly string[] | undefined): readonly Prefix[] {
  return (texts ?? []).flatMap((text) => tryParsePrefix(text) ?? []);
}

/** Parses a prefix like parsePrefix; a single address is accepted as a prefix of full length. */
export function parsePrefixOrAddress(text: string): Prefix {
  const address = tryParseAddress(text);
  return address === undefined ? parsePrefix(text) : hostPrefix(address);
}

/** The canonical text of a prefix. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(firstAddress(prefix))}/${prefix.length}`;
}

/** The prefix of a given length that contains an address. */
export function prefixOf({ family, value }: Address, length: number): Prefix {
  return { family, value: value - (value & hostBits(family, length)), length };
}

/** The prefix of one address: /32 or /128. */
export function hostPrefix({ family, value }: Address): Prefix {
  return { family, value, length: bitsOf(family) };
}

/** The first address of a prefix. */
export function firstAddress({ family, value }: Prefix): Address {
  return { family, value };
}

/** The last address of a prefix. */
export function lastAddress({ family, value, length }: Prefix): Address {
  return { family, value: value | hostBits(family, length) };
}

/** How many addresses a prefix has. */
export function sizeOf({ family, length }: Prefix): bigint {
  return hostBits(family, length) + 1n;
}

/** The mask of a prefix length, written as an address: 255.255.255.0. */
export function maskOf(family: Family, length: number): Address {
  return { family, value: onesOf(bitsOf(family)) - hostBits(family, length) };
}

/** Whether an address is in a prefix; false when the families differ. */
export function containsAddress(prefix: Prefix, address: Address): boolean {
  if (prefix.family !== address.family) return false;
  return (address.value ^ prefix.value) <= hostBits(prefix.family, prefix.length);
}

/** Whether every address of `inner` is one of `outer`. */
export function coversPrefix(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && containsAddress(outer, firstAddress(inner));
}

/** Whether two prefixes have an address in common; one of them then contains the other. */
export function prefixesMeet(a: Prefix, b: Prefix): boolean {
  return coversPrefix(a, b) || coversPrefix(b, a);
}

/** Compares prefixes in a natural order: IPv4 first, then by address, then the shorter prefix length. */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return a.length - b.length;
}

/** The number whose bits after the prefix are all set. */
function hostBits(family: Family, length: number): bigint {
  return onesOf(bitsOf(family) - length);
}

function hasHostBits({ family, value, length }: Prefix): boolean {
  return (value & hostBits(family, length)) !== 0n;
}

/** Parses a prefix without checking the bits after its length. */
function readPrefix(text: string): Prefix | undefined {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return undefined;
  const address = parseAddressPart(text, 0, slash);
  const length = readLength(text, slash + 1);
  if (address === undefined || !(length <= bitsOf(address.family))) return undefined;
  return { family: address.family, value: address.value, length };
}

/** Reads a number of one to three digits without a leading zero, from `from` to the end; NaN for anything else. */
function readLength(text: string, from: number): number {
  const digits = text.length - from;
  if (digits < 1 || digits > 3 || (digits > 1 && text[from] === '0')) return Number.NaN;
  let length = 0;
  for (let at = from; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    length = length * 10 + digit;
  }
  return length;
}
