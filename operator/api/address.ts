import ipaddr from 'ipaddr.js';

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

/** An address, parsed once at the edge; inside it is never a string. */
export type Address = Ipv4 | Ipv6;

export type Family = Address['family'];

/** Text that is not the address, range or hardware address that it should be. The message says what it should be. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** How many bits an address of the family has. */
export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** An address of the family by its number; one that the family does not have is a programmer's error. */
export function makeAddress(family: Family, value: bigint): Address {
  if (value < 0n || value >> BigInt(bitsOf(family)) !== 0n) {
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
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return { family: 4, value: fromBytes(ipaddr.IPv4.parse(text).toByteArray()) };
  }
  const plain = plainIpv6(text);
  if (plain === undefined || !ipaddr.IPv6.isValid(plain)) return undefined;
  const address = ipaddr.IPv6.parse(plain);
  if (address.isIPv4MappedAddress()) return undefined;
  return { family: 6, value: fromBytes(address.toByteArray()) };
}

/** The one text of an address: RFC 5952 for IPv6. */
export function formatAddress(address: Address): string {
  const bytes = [...addressBytes(address)];
  return address.family === 4 ? new ipaddr.IPv4(bytes).toString() : new ipaddr.IPv6(bytes).toRFC5952String();
}

/** The address in network byte order, 4 or 16 bytes. */
export function addressBytes(address: Address): Uint8Array {
  const bytes = new Uint8Array(bitsOf(address.family) / 8);
  let rest = address.value;
  for (let index = bytes.length - 1; index >= 0; index--) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** The address of 4 or 16 bytes in network byte order. */
export function addressFromBytes(bytes: Uint8Array): Address {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
  }
  return { family: bytes.length === 4 ? 4 : 6, value: fromBytes(bytes) };
}

/** IPv4 before IPv6, then by number: negative, zero or positive as for `sort`. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** Whether both are the same address. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

/** A text as messages show it: quoted, and cut where it is too long to read. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 63)}…` : text);
}

// The library takes zones, longer groups and numbers in other bases, and not every place of an IPv4 address at
// the end; so it gets hex groups only.
function plainIpv6(text: string): string | undefined {
  if (!/^[0-9a-f:.]{2,45}$/i.test(text)) return undefined;
  const groups = text.split(':');
  const last = groups.pop() ?? '';
  const end = last.includes('.') ? hexOfIpv4(last) : last;
  const plain = end === undefined ? undefined : [...groups, end].join(':');
  return plain?.split(':').every((group) => /^[0-9a-f]{0,4}$/i.test(group)) ? plain : undefined;
}

function hexOfIpv4(text: string): string | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  const value = Number(fromBytes(ipaddr.IPv4.parse(text).toByteArray()));
  return `${Math.floor(value / 0x10000).toString(16)}:${(value % 0x10000).toString(16)}`;
}

function fromBytes(bytes: Iterable<number>): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
