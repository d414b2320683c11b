import {
  type Address,
  AddressError,
  bitsOf,
  type Family,
  formatAddress,
  makeAddress,
  quote,
  tryParseAddress,
} from './address.ts';

/** An address range of a power of two: its first address and how many leading bits all its addresses share. */
export interface Cidr {
  readonly family: Family;
  readonly value: bigint;
  readonly prefixLength: number;
}

/** Any run of addresses of one family, both ends in it. */
export interface AddressRange {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** The range that a text such as `10.20.0.0/16` says; bits after the prefix must be zero. */
export function parseCidr(text: string): Cidr {
  const { address, prefixLength } = splitCidr(text);
  const cidr = cidrOf(address, prefixLength);
  if (cidr.value !== address.value) {
    throw new AddressError(`${quote(text)} has host bits set; write ${formatCidr(cidr)}`);
  }
  return cidr;
}

/** As parseCidr, and a single address is a range of one. */
export function parseCidrOrAddress(text: string): Cidr {
  const address = tryParseAddress(text);
  return address === undefined ? parseCidr(text) : hostCidr(address);
}

/** The one text of a range. */
export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(firstAddress(cidr))}/${cidr.prefixLength}`;
}

/** The range of a prefix length that an address is in. */
export function cidrOf(address: Address, prefixLength: number): Cidr {
  const shift = BigInt(bitsOf(address.family) - prefixLength);
  return { family: address.family, value: (address.value >> shift) << shift, prefixLength };
}

/** The range of one address: /32 or /128. */
export function hostCidr(address: Address): Cidr {
  return cidrOf(address, bitsOf(address.family));
}

/** The first address of a range. */
export function firstAddress(cidr: Cidr): Address {
  return makeAddress(cidr.family, cidr.value);
}

/** The last address of a range. */
export function lastAddress(cidr: Cidr): Address {
  return makeAddress(cidr.family, cidr.value + sizeOf(cidr) - 1n);
}

/** How many addresses a range has. */
export function sizeOf(cidr: Cidr): bigint {
  return 1n << BigInt(bitsOf(cidr.family) - cidr.prefixLength);
}

/** The address number `index` of a range, from 0; one that it does not have is a programmer's error. */
export function addressAt(cidr: Cidr, index: bigint): Address {
  if (index < 0n || index >= sizeOf(cidr)) {
    throw new RangeError(`${formatCidr(cidr)} has no address number ${index}`);
  }
  return makeAddress(cidr.family, cidr.value + index);
}

/** Every address of a range in order; they are made one at a time, so a /64 is no harm by itself. */
export function* addressesOf(cidr: Cidr): Generator<Address, void, undefined> {
  const end = cidr.value + sizeOf(cidr);
  for (let value = cidr.value; value < end; value++) yield makeAddress(cidr.family, value);
}

/** Whether an address is in a range. */
export function containsAddress(cidr: Cidr, address: Address): boolean {
  if (cidr.family !== address.family) return false;
  const shift = BigInt(bitsOf(cidr.family) - cidr.prefixLength);
  return address.value >> shift === cidr.value >> shift;
}

/** Whether all of `inner` is in `outer`. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.prefixLength <= inner.prefixLength && containsAddress(outer, firstAddress(inner));
}

/** Whether two ranges have an address in common. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return containsCidr(a, b) || containsCidr(b, a);
}

/** IPv4 before IPv6, then by first address, then the larger range first: as for `sort`. */
export function compareCidrs(a: Cidr, b: Cidr): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return a.prefixLength - b.prefixLength;
}

/** A range as first and last address. */
export function rangeOf(cidr: Cidr): AddressRange {
  return { family: cidr.family, first: cidr.value, last: lastAddress(cidr).value };
}

/** The run of addresses that `10.20.0.1`, `10.20.0.1-10.20.0.9` or `10.20.0.0/28` says. */
export function parseRange(text: string): AddressRange {
  const [left = '', right, ...more] = text.split('-');
  if (right === undefined) return rangeOf(parseCidrOrAddress(text));
  const first = tryParseAddress(left);
  const last = tryParseAddress(right);
  if (first === undefined || last === undefined || more.length > 0) {
    throw new AddressError(`${quote(text)} is not a range of addresses such as 10.20.0.1-10.20.0.9`);
  }
  if (first.family !== last.family || first.value > last.value) {
    throw new AddressError(`${quote(text)} ends before it begins; write the lower address first`);
  }
  return { family: first.family, first: first.value, last: last.value };
}

/** Whether an address is in a run of addresses. */
export function rangeContains(range: AddressRange, address: Address): boolean {
  return range.family === address.family && address.value >= range.first && address.value <= range.last;
}

function splitCidr(text: string): { readonly address: Address; readonly prefixLength: number } {
  const [left = '', right = '', ...more] = text.split('/');
  const address = tryParseAddress(left);
  const prefixLength = /^(0|[1-9][0-9]{0,2})$/.test(right) ? Number(right) : Number.NaN;
  if (address === undefined || more.length > 0 || !(prefixLength <= bitsOf(address.family))) {
    throw new AddressError(`${quote(text)} is not an address range such as 10.20.0.0/16 or fd20::/64`);
  }
  return { address, prefixLength };
}
