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
  const family = text.includes(':') ? 6 : 4;
  const value = family === 4 ? numberOfIpv4(text) : numberOfIpv6(text);
  return value === undefined ? undefined : { family, value };
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

/** Whether both are the same address. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

/** A text as messages show it: quoted, and cut where it is too long to read. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 63)}…` : text);
}

function numberOfIpv4(text: string): bigint | undefined {
  const numbers = text.split('.');
  if (numbers.length !== 4 || !numbers.every((number) => /^(0|[1-9][0-9]{0,2})$/.test(number)))
    return undefined;
  if (numbers.some((number) => Number(number) > 255)) return undefined;
  return BigInt(numbers.reduce((value, number) => value * 256 + Number(number), 0));
}

// Not by the library: it takes zones, longer groups and numbers in other bases, and is too slow for long lists.
function numberOfIpv6(text: string): bigint | undefined {
  const plain = withoutIpv4End(text);
  const [left = [], right, ...more] =
    plain?.split('::').map((half) => (half === '' ? [] : half.split(':'))) ?? [];
  const missing = 8 - left.length - (right?.length ?? 0);
  if (more.length > 0 || (right === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...left, ...Array<string>(missing).fill('0'), ...(right ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const value = BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`);
  const isMappedIpv4 = value >> 32n === 0xffffn;
  return isMappedIpv4 ? undefined : value;
}

/** `64:ff9b::10.0.0.1` as `64:ff9b::a00:1`. */
function withoutIpv4End(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const colon = text.lastIndexOf(':') + 1;
  const value = numberOfIpv4(text.slice(colon));
  if (value === undefined) return undefined;
  return `${text.slice(0, colon)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}
