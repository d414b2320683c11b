// SPDX-License-Identifier: Apache-2.0
import { readIpv4, readIpv6, writeIpv4, writeIpv6 } from './address-text.ts';

/** An IPv4 address as a number. */
export interface Ipv4 {
  readonly family: 4;
  readonly value: bigint;
}

/** An IPv6 address as a number. */
export interface Ipv6 {
  readonly family: 6;
  readonly value: bigint;
}

/**
 * An address, as a number. Text is parsed once at the edge and never used inside, because most operations compare,
 * count and increment addresses. Bytes are made only for the kernel (`bytes.ts`, `mapped.ts`), which is cheap.
 */
export type Address = Ipv4 | Ipv6;

export type Family = Address['family'];

/** Both families, in the order of all outputs. */
export const FAMILIES: readonly Family[] = [4, 6];

/**
 * An AddressError is thrown for text that is not the expected address, prefix, range or MAC. Its message says what
 * the text should be.
 */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** How many bits an address of the family has. */
export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** Numbers whose lowest bits are all set: 0, 1, 3, 7, ... */
const ONES: readonly bigint[] = Array.from({ length: 129 }, (_, bits) => (1n << BigInt(bits)) - 1n);

/** The number whose lowest `bits` bits (0 to 128) are set. */
export function onesOf(bits: number): bigint {
  const ones = ONES[bits];
  if (ones === undefined) throw new RangeError(`no address has ${bits} bits`);
  return ones;
}

/** The number of the last address of a family. */
export function highest(family: Family): bigint {
  return onesOf(bitsOf(family));
}

/** Makes an address of its family and number. A number that the family does not have is a programming error. */
export function makeAddress(family: Family, value: bigint): Address {
  if (value < 0n || value > highest(family)) {
    throw new RangeError(`IPv${family} has no address number ${value}`);
  }
  return { family, value };
}

/**
 * Parses an address. Forms that programs read in different ways are refused: leading zeros and fewer than four
 * numbers in IPv4, zones in IPv6, and IPv4 addresses in IPv6 form.
 */
export function parseAddress(text: string): Address {
  const address = tryParseAddress(text);
  if (address === undefined) throw new AddressError(`${quote(text)} is not an IPv4 or IPv6 address`);
  return address;
}

/** Parses an address like parseAddress, but returns undefined for invalid text. */
export function tryParseAddress(text: string): Address | undefined {
  return parseAddressPart(text, 0, text.length);
}

/** Parses addresses that were validated before. Invalid ones are left out. */
export function addressesOf(texts: readonly string[] | undefined): readonly Address[] {
  return (texts ?? []).flatMap((text) => tryParseAddress(text) ?? []);
}

/** Parses the address in a part of a text, from `from` (included) to `to` (excluded). */
export function parseAddressPart(text: string, from: number, to: number): Address | undefined {
  const number = readIpv4(text, from, to);
  if (number >= 0) return { family: 4, value: BigInt(number) };
  const value = readIpv6(text, from, to);
  return value === undefined ? undefined : { family: 6, value };
}

/** The canonical text of an address: RFC 5952 for IPv6. */
export function formatAddress({ family, value }: Address): string {
  return family === 4 ? writeIpv4(value) : writeIpv6(value);
}

/** Whether both are the same address. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

/** A text for messages: quoted, cut when it is too long, and without characters that a terminal obeys. */
export function quote(text: string): string {
  return escapeControls(JSON.stringify(text.length > 64 ? `${text.slice(0, 63)}…` : text));
}

/** Control characters (C0, DEL, C1), separators of lines, and marks that turn the direction of text. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text for messages in which characters that a terminal obeys are written as `\u001b`. */
export function escapeControls(text: string): string {
  return text.replaceAll(CONTROLS, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
