import ipaddr from 'ipaddr.js';

export type Family = 4 | 6;

/** Addresses from `first` to `last`, both included. */
export interface AddressRange {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };
const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The highest address of a family, as a number. */
export function highest(family: Family): bigint {
  return (1n << BigInt(BITS[family])) - 1n;
}

/** What a text that is no address or range of addresses says to its author. */
export class AddressError extends Error {}

/** `10.0.0.1`, `10.0.0.0/8`, `fd00::1` or `fd00::/64`; anything else is an AddressError. */
export function parseRange(text: string): AddressRange {
  const slash = text.indexOf('/');
  const { family, value } = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (slash < 0) return { family, first: value, last: value };
  const tail = text.slice(slash + 1);
  const length = /^\d{1,3}$/.test(tail) ? Number(tail) : Number.NaN;
  if (!(length <= BITS[family])) {
    throw new AddressError(`"${text}" has no valid prefix length; write one from /0 to /${BITS[family]}`);
  }
  const hosts = (1n << BigInt(BITS[family] - length)) - 1n;
  if ((value & hosts) !== 0n) {
    const network = formatAddress(family, value & ~hosts);
    throw new AddressError(`"${text}" has host bits set; write ${network}/${length}`);
  }
  return { family, first: value, last: value | hosts };
}

function parseAddress(text: string): { readonly family: Family; readonly value: bigint } {
  const quads = V4.exec(text);
  if (quads) {
    const octets = quads.slice(1).map(Number);
    if (octets.every((octet) => octet <= 255)) {
      return { family: 4, value: BigInt(octets.reduce((sum, octet) => sum * 256 + octet, 0)) };
    }
  } else if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)) {
    const value = ipaddr.IPv6.parse(text).parts.reduce((sum, part) => (sum << 16n) | BigInt(part), 0n);
    return { family: 6, value };
  }
  throw new AddressError(`"${text}" is no address; write one such as 10.0.0.1, 10.0.0.0/8 or fd00::/64`);
}

/** The one spelling that the kernel's tool and people both read. */
export function formatAddress(family: Family, value: bigint): string {
  if (family === 4) {
    const number = Number(value);
    return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
  }
  const parts = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  return new ipaddr.IPv6(parts).toString();
}

/** The prefix length when the range is one CIDR, else undefined. */
export function prefixLength(range: AddressRange): number | undefined {
  const size = range.last - range.first + 1n;
  if ((size & (size - 1n)) !== 0n || (range.first & (size - 1n)) !== 0n) return undefined;
  return BITS[range.family] - (size.toString(2).length - 1);
}

/** A single address, a CIDR where it is one, else `first-last`. */
export function formatRange(range: AddressRange): string {
  const first = formatAddress(range.family, range.first);
  if (range.first === range.last) return first;
  const length = prefixLength(range);
  return length === undefined ? `${first}-${formatAddress(range.family, range.last)}` : `${first}/${length}`;
}

/** The mask of a prefix length, spelled as an address: `255.255.255.0`. */
export function formatMask(family: Family, length: number): string {
  const bits = BigInt(BITS[family] - length);
  return formatAddress(family, (highest(family) >> bits) << bits);
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
