// SPDX-License-Identifier: Apache-2.0
import {
  type Address,
  AddressError,
  bitsOf,
  type Family,
  formatAddress,
  quote,
  tryParseAddress,
} from './address.ts';
import { lastAddress, type Prefix, parsePrefix } from './prefix.ts';

/** Whole numbers from first to last, both included. */
export interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/** Consecutive addresses of one family, both ends included. */
export interface AddressRange extends Range {
  readonly family: Family;
}

/** Parses `10.20.0.1`, `10.20.0.1-10.20.0.9` or `10.20.0.0/28`. */
export function parseRange(text: string): AddressRange {
  const dash = text.indexOf('-');
  if (dash >= 0) return parseEnds(text, dash);
  if (text.includes('/')) return rangeOf(parsePrefix(text));
  const address = tryParseAddress(text);
  return address === undefined ? rangeOf(parsePrefix(text)) : hostRange(address);
}

/** Formats a range: as a single address, as a prefix if it is one, else as `first-last`. */
export function formatRange({ family, first, last }: AddressRange): string {
  const text = formatAddress({ family, value: first });
  if (first === last) return text;
  const length = prefixLengthOf({ family, first, last });
  return length === undefined ? `${text}-${formatAddress({ family, value: last })}` : `${text}/${length}`;
}

/** The range of a prefix. */
export function rangeOf(prefix: Prefix): AddressRange {
  return { family: prefix.family, first: prefix.value, last: lastAddress(prefix).value };
}

/** A range of one address. */
export function hostRange({ family, value }: Address): AddressRange {
  return { family, first: value, last: value };
}

/** The prefix length when the range is one prefix, else undefined. */
export function prefixLengthOf({ family, first, last }: AddressRange): number | undefined {
  const hosts = first ^ last;
  const isPrefix = (hosts & (hosts + 1n)) === 0n && (first & hosts) === 0n;
  return isPrefix ? bitsOf(family) - bitLength(hosts) : undefined;
}

/** How many numbers a range has. */
export function countOf({ first, last }: Range): bigint {
  return last - first + 1n;
}

/** Whether a number is in a range. */
export function contains({ first, last }: Range, value: bigint): boolean {
  return value >= first && value <= last;
}

function parseEnds(text: string, dash: number): AddressRange {
  const first = tryParseAddress(text.slice(0, dash));
  const last = tryParseAddress(text.slice(dash + 1));
  if (first === undefined || last === undefined) {
    throw new AddressError(`${quote(text)} is not a range of addresses such as 10.20.0.1-10.20.0.9`);
  }
  if (first.family !== last.family || first.value > last.value) {
    throw new AddressError(`${quote(text)} ends before it begins; write the lower address first`);
  }
  return { family: first.family, first: first.value, last: last.value };
}

/** How many bits a number needs. */
function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}
