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
 * An address, parsed once at the edge; inside it is never a string. It is a number, since most of what is done with
 * addresses is to compare, to count and to give the next one; bytes are made of it where the kernel is told
 * (`bytes.ts`, `mapped.ts`), and that is cheap.
 */
export type Address = Ipv4 | Ipv6;

export type Family = Address['family'];

/** Both families, in the order in which everything is told of them. */
export const FAMILIES: readonly Family[] = [4, 6];

/** Text that is not the address, prefix, range or hardware address that it should be. The message says what it should be. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** How many bits an address of the family has. */
export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** The numbers 0, 1, 3, 7 ... of so many bits that are all set. */
const ONES: readonly bigint[] = Array.from({ length: 129 }, (_, bits) => (1n << BigInt(bits)) - 1n);

/** The number of `bits` bits, 0 to 128, that are all set. */
export function onesOf(bits: number): bigint {
  const ones = ONES[bits];
  if (ones === undefined) throw new RangeError(`no address has ${bits} bits`);
  return ones;
}

/** The number of the last address of a family. */
export function highest(family: Family): bigint {
  return onesOf(bitsOf(family));
}

/** An address of the family by its number; one that the family does not have is a programmer's error. */
export function makeAddress(family: Family, value: bigint): Address {
  if (value < 0n || value > highest(family)) {
    throw new RangeError(`IPv${family} has no address number ${value}`);
  }
  return { family, value };
}

/**
 * The address that a text says. Refused are forms that programs read in different ways: leading zeros and
 * fewer than four numbers in IPv4, zones in IPv6, and IPv4 addresses written as IPv6.
 */
export function parseAddress(text: string): Address {
  const address = tryParseAddress(text);
  if (address === undefined) throw new AddressError(`${quote(text)} is not an IPv4 or IPv6 address`);
  return address;
}

/** As parseAddress, but undefined for what is no address. */
export function tryParseAddress(text: string): Address | undefined {
  return parseAddressPart(text, 0, text.length);
}

/** The addresses of texts that somebody else has checked; what is none is left out. */
export function addressesOf(texts: readonly string[] | undefined): readonly Address[] {
  return (texts ?? []).flatMap((text) => tryParseAddress(text) ?? []);
}

/** The address that a part of a text says, `from` included and `to` not. */
export function parseAddressPart(text: string, from: number, to: number): Address | undefined {
  const number = readIpv4(text, from, to);
  if (number >= 0) return { family: 4, value: BigInt(number) };
  const value = readIpv6(text, from, to);
  return value === undefined ? undefined : { family: 6, value };
}

/** The one text of an address: RFC 5952 for IPv6. */
export function formatAddress({ family, value }: Address): string {
  return family === 4 ? writeIpv4(value) : writeIpv6(value);
}

/** Whether both are the same address. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

/** A text as messages show it: quoted, and cut where it is too long to read. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 63)}…` : text);
}
