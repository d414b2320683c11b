// SPDX-License-Identifier: Apache-2.0
/**
 * Reads and writes addresses as text, character by character, because an agent reads 100,000 of them when it starts,
 * and a list of a firewall can be as long. This is our own code because it must also be strict: ipaddr.js accepts
 * octal and hexadecimal numbers, short forms, zones and mapped addresses, and is many times slower; `isIP` of
 * node:net returns no number.
 */

const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;
const LETTER_A = 0x61;
const TO_LOWER = 0x20;

const GROUPS = 8;

/** The bytes of the present address, so that nothing is allocated for each one. */
const scratch = new DataView(new ArrayBuffer(16));
const groups = new Uint16Array(GROUPS);

/** Reads the IPv4 address in `text` from `from` (included) to `to` (excluded) as a number; -1 when it is none. */
export function readIpv4(text: string, from: number, to: number): number {
  let value = 0;
  let dots = 0;
  let octet = -1;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (octet < 0 || dots === 3) return -1;
      value = value * 256 + octet;
      octet = -1;
      dots++;
      continue;
    }
    const digit = code - ZERO;
    // No digit may follow a leading zero, because some programs read such a number as octal.
    if (digit < 0 || digit > 9 || octet === 0) return -1;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return -1;
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : -1;
}

/**
 * Reads the IPv6 address in `text` from `from` (included) to `to` (excluded) as a number; undefined when it is none,
 * and for an IPv4 address in IPv6 form.
 */
export function readIpv6(text: string, from: number, to: number): bigint | undefined {
  let at = from;
  let count = 0;
  // Number of groups before `::`.
  let gap = -1;
  if (to - at >= 2 && text.charCodeAt(at) === COLON && text.charCodeAt(at + 1) === COLON) {
    gap = 0;
    at += 2;
  }
  while (at < to) {
    const end = endOfGroup(text, at, to);
    if (end < to && text.charCodeAt(end) === DOT) {
      const value = readIpv4(text, at, to);
      if (value < 0 || count > GROUPS - 2) return undefined;
      groups[count++] = Math.floor(value / 0x10000);
      groups[count++] = value % 0x10000;
      break;
    }
    if (end === at || end - at > 4 || count === GROUPS) return undefined;
    groups[count++] = readHex(text, at, end);
    if (end === to) break;
    if (text.charCodeAt(end) !== COLON || end + 1 === to) return undefined;
    at = end + 1;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return undefined;
      gap = count;
      at++;
    }
  }
  if (gap < 0 ? count !== GROUPS : count === GROUPS) return undefined;
  return numberOfGroups(count, gap < 0 ? count : gap);
}

/** Writes an IPv4 address: four numbers with dots. */
export function writeIpv4(value: bigint): string {
  const number = Number(value);
  return `${Math.floor(number / 0x1000000)}.${(number >> 16) & 0xff}.${(number >> 8) & 0xff}.${number & 0xff}`;
}

/**
 * Writes an IPv6 address as in RFC 5952, without its mixed form: lower case, `::` for the first of the longest runs
 * of two or more zero groups.
 */
export function writeIpv6(value: bigint): string {
  scratch.setBigUint64(0, value >> 64n);
  scratch.setBigUint64(8, value);
  for (let index = 0; index < GROUPS; index++) groups[index] = scratch.getUint16(2 * index);
  const { start, length } = longestZeros();
  if (length < 2) return writeGroups(0, GROUPS);
  return `${writeGroups(0, start)}::${writeGroups(start + length, GROUPS)}`;
}

function endOfGroup(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && hexDigit(text.charCodeAt(at)) >= 0) at++;
  return at;
}

function readHex(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 16 + hexDigit(text.charCodeAt(at));
  return value;
}

function hexDigit(code: number): number {
  const digit = code - ZERO;
  if (digit >= 0 && digit <= 9) return digit;
  const letter = (code | TO_LOWER) - LETTER_A;
  return letter >= 0 && letter <= 5 ? letter + 10 : -1;
}

/** The first `count` groups as a number, with zero groups between those before `gap` and those after it. */
function numberOfGroups(count: number, gap: number): bigint | undefined {
  const right = GROUPS - (count - gap);
  for (let index = 0; index < GROUPS; index++) {
    const group = index < gap ? groups[index]! : index < right ? 0 : groups[index - GROUPS + count]!;
    scratch.setUint16(2 * index, group);
  }
  const isMapped =
    scratch.getUint32(0) === 0 && scratch.getUint32(4) === 0 && scratch.getUint32(8) === 0xffff;
  if (isMapped) return undefined;
  return (scratch.getBigUint64(0) << 64n) | scratch.getBigUint64(8);
}

function longestZeros(): { readonly start: number; readonly length: number } {
  let start = 0;
  let length = 0;
  let run = 0;
  for (let index = 0; index < GROUPS; index++) {
    run = groups[index] === 0 ? run + 1 : 0;
    if (run > length) {
      length = run;
      start = index + 1 - run;
    }
  }
  return { start, length };
}

function writeGroups(from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index++) {
    text += index === from ? groups[index]!.toString(16) : `:${groups[index]!.toString(16)}`;
  }
  return text;
}
