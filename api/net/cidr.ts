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
function hostCidr(address: Address): Cidr {
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

/** Whether an address is in a range. */
export function containsAddress(cidr: Cidr, address: Address): boolean {
  if (cidr.family !== address.family) return false;
  const shift = BigInt(bitsOf(cidr.family) - cidr.prefixLength);
  return address.value >> shift === cidr.value >> shift;
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

function splitCidr(text: string): { readonly address: Address; readonly prefixLength: number } {
  const [left = '', right = '', ...more] = text.split('/');
  const address = tryParseAddress(left);
  const prefixLength = /^(0|[1-9][0-9]{0,2})$/.test(right) ? Number(right) : Number.NaN;
  if (address === undefined || more.length > 0 || !(prefixLength <= bitsOf(address.family))) {
    throw new AddressError(`${quote(text)} is not an address range such as 10.20.0.0/16 or fd20::/64`);
  }
  return { address, prefixLength };
}
