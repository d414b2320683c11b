import { isIP } from 'node:net';
import { bitsOf, type Family, formatAddress } from '../../api/net/address.ts';
import { type AddressRange, parseRange as parseAnyRange } from '../../api/net/range.ts';

export type { Family } from '../../api/net/address.ts';
export type { AddressRange } from '../../api/net/range.ts';

/** The highest address of a family, as a number. */
export function highest(family: Family): bigint {
  return (1n << BigInt(bitsOf(family))) - 1n;
}

const PLAIN = /^([0-9a-fA-F:.]+)(?:\/(0|[1-9]\d{0,2}))?$/;

/**
 * What `parseRange` of the API's address types says, many times as fast for plain addresses and prefixes: a list
 * may have 100,000 of them, and while it is parsed no probe is answered.
 */
export function parseRange(text: string): AddressRange {
  const [, address = '', length] = PLAIN.exec(text) ?? [];
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || (family === 6 && address.includes('.'))) return parseAnyRange(text);
  const bits = bitsOf(family) - Number(length ?? bitsOf(family));
  if (bits < 0) return parseAnyRange(text);
  const first = family === 4 ? plainV4(address) : plainV6(address);
  const hosts = (1n << BigInt(bits)) - 1n;
  const mapped = family === 6 && first >> 32n === 0xffffn;
  return (first & hosts) === 0n && !mapped ? { family, first, last: first | hosts } : parseAnyRange(text);
}

function plainV4(address: string): bigint {
  return BigInt(address.split('.').reduce((value, octet) => value * 256 + Number(octet), 0));
}

function plainV6(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const left = hexGroups(head);
  const right = hexGroups(tail ?? '');
  return BigInt(`0x${left}${'0'.repeat(32 - left.length - right.length)}${right}`);
}

function hexGroups(text: string): string {
  return text === ''
    ? ''
    : text
        .split(':')
        .map((group) => group.padStart(4, '0'))
        .join('');
}

/** The prefix length when the range is one CIDR, else undefined. */
export function prefixLength(range: AddressRange): number | undefined {
  const size = range.last - range.first + 1n;
  if ((size & (size - 1n)) !== 0n || (range.first & (size - 1n)) !== 0n) return undefined;
  return bitsOf(range.family) - (size.toString(2).length - 1);
}

/** A single address, a CIDR where it is one, else `first-last`. */
export function formatRange(range: AddressRange): string {
  const first = formatAddress({ family: range.family, value: range.first });
  if (range.first === range.last) return first;
  const length = prefixLength(range);
  return length === undefined
    ? `${first}-${formatAddress({ family: range.family, value: range.last })}`
    : `${first}/${length}`;
}

/** The mask of a prefix length, spelled as an address: `255.255.255.0`. */
export function formatMask(family: Family, length: number): string {
  const bits = BigInt(bitsOf(family) - length);
  return formatAddress({ family, value: (highest(family) >> bits) << bits });
}

/** The same addresses as sorted ranges that neither overlap nor touch. All of one family. */
export function mergeRanges(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const sorted = [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const merged: AddressRange[] = [];
  for (const range of sorted) {
    const previous = merged.at(-1);
    if (previous && range.first <= previous.last + 1n) {
      if (range.last > previous.last) merged[merged.length - 1] = { ...previous, last: range.last };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

/** All addresses of the family that are in none of the (merged) ranges. */
export function complementRanges(family: Family, merged: readonly AddressRange[]): readonly AddressRange[] {
  const gaps: AddressRange[] = [];
  let next = 0n;
  for (const range of merged) {
    if (range.first > next) gaps.push({ family, first: next, last: range.first - 1n });
    next = range.last + 1n;
  }
  if (next <= highest(family)) gaps.push({ family, first: next, last: highest(family) });
  return gaps;
}

/** Whether two lists of merged ranges of one family have an address in common. */
export function rangesMeet(a: readonly AddressRange[], b: readonly AddressRange[]): boolean {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i]!.last < b[j]!.first) i += 1;
    else if (b[j]!.last < a[i]!.first) j += 1;
    else return true;
  }
  return false;
}
