import {
  type Address,
  type AddressRange,
  bitsOf,
  type Cidr,
  type Family,
  formatCidr,
  rangeOf,
} from '../../../api/index.ts';

/** Both ends included. Addresses are plain numbers here; their family is that of the pool. */
export interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/** A subnet as the allocator sees it: what may be given at all, and what of that must not. */
export interface Pool {
  readonly family: Family;
  /** As written in the network: for messages. */
  readonly cidr: string;
  /** The whole subnet. */
  readonly subnet: Range;
  /** The subnet without its network address and, in IPv4, its broadcast address. */
  readonly usable: Range;
  /** Parts of `usable` that are never given: sorted, apart from each other. */
  readonly reserved: readonly Range[];
}

/** Compiles one subnet. Reserved ranges may overlap, touch, or lie partly outside. */
export function compilePool(cidr: Cidr, reserved: readonly AddressRange[]): Pool {
  const { first, last } = rangeOf(cidr);
  const usable = usableOf(cidr, { first, last });
  return {
    family: cidr.family,
    cidr: formatCidr(cidr),
    subnet: { first, last },
    usable,
    reserved: mergeRanges(
      reserved.filter(({ family }) => family === cidr.family),
      usable,
    ),
  };
}

/**
 * The network address is never given, nor is the broadcast address of IPv4 (the subnet-router anycast
 * address of IPv6 is its network address). Point-to-point subnets use both of their addresses (RFC 3021,
 * RFC 6164), and a single address is just that.
 */
function usableOf({ family, prefixLength }: Cidr, subnet: Range): Range {
  if (prefixLength >= bitsOf(family) - 1) return subnet;
  return { first: subnet.first + 1n, last: family === 4 ? subnet.last - 1n : subnet.last };
}

/** Sorted ranges within `bounds`, joined where they overlap or touch. */
function mergeRanges(ranges: readonly Range[], bounds: Range): Range[] {
  const inside = ranges
    .map((r) => ({
      first: r.first < bounds.first ? bounds.first : r.first,
      last: r.last > bounds.last ? bounds.last : r.last,
    }))
    .filter((r) => r.first <= r.last)
    .sort((a, b) => (a.first < b.first ? -1 : 1));
  const merged: Range[] = [];
  for (const range of inside) {
    const previous = merged.at(-1);
    if (previous === undefined || range.first > previous.last + 1n) merged.push(range);
    else if (range.last > previous.last) merged[merged.length - 1] = { ...previous, last: range.last };
  }
  return merged;
}

export function contains(range: Range, value: bigint): boolean {
  return value >= range.first && value <= range.last;
}

/** Why an address that a person asks for cannot be given by the pool that has it; undefined when it can. */
export function addressComplaint(pool: Pool, { value }: Address): string | undefined {
  if (value < pool.usable.first) return `is the network address of subnet ${pool.cidr}`;
  if (value > pool.usable.last) return `is the broadcast address of subnet ${pool.cidr}`;
  if (reservedRangeOf(pool, value) !== undefined) return `is reserved in subnet ${pool.cidr}`;
  return undefined;
}

/** The reserved range that holds the value, found by bisection. */
export function reservedRangeOf(pool: Pool, value: bigint): Range | undefined {
  let low = 0;
  let high = pool.reserved.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = pool.reserved[middle]!;
    if (contains(range, value)) return range;
    if (value < range.first) high = middle - 1;
    else low = middle + 1;
  }
  return undefined;
}

/** How many addresses the pool can give in all. */
export function capacity(pool: Pool): bigint {
  return pool.reserved.reduce((sum, r) => sum - size(r), size(pool.usable));
}

function size(range: Range): bigint {
  return range.last - range.first + 1n;
}
