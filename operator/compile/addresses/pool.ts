// SPDX-License-Identifier: Apache-2.0
import { type Address, bitsOf, type Family } from '../../../api/net/address.ts';
import { formatPrefix, type Prefix } from '../../../api/net/prefix.ts';
import { type AddressRange, countOf, type Range, rangeOf } from '../../../api/net/range.ts';
import { clipRanges, findRange, mergeRanges, type RangeSet } from '../../../api/net/range-set.ts';

/**
 * A subnet as the allocator sees it: its usable range, and the parts that are never allocated. Addresses are plain
 * numbers; all have the family of the pool.
 */
export interface Pool {
  readonly family: Family;
  /** The subnet as the network spec writes it, for messages. */
  readonly cidr: string;
  /** The whole subnet. */
  readonly subnet: Range;
  /** The subnet without its network address and, in IPv4, its broadcast address. */
  readonly usable: Range;
  /** Parts of `usable` that are never allocated. */
  readonly reserved: RangeSet;
}

/** Compiles one subnet. Reserved ranges may overlap, touch, or lie partly outside. */
export function compilePool(subnet: Prefix, reserved: readonly AddressRange[]): Pool {
  const { first, last } = rangeOf(subnet);
  const usable = usableOf(subnet, { first, last });
  const own = reserved.filter(({ family }) => family === subnet.family);
  return {
    family: subnet.family,
    cidr: formatPrefix(subnet),
    subnet: { first, last },
    usable,
    reserved: mergeRanges(clipRanges(own, usable)),
  };
}

/**
 * The range that can be allocated. The network address never is, nor is the broadcast address of IPv4 (the
 * subnet-router anycast address of IPv6 is its network address). Point-to-point subnets use both of their addresses
 * (RFC 3021, RFC 6164). A subnet of one address uses that address.
 */
function usableOf({ family, length }: Prefix, subnet: Range): Range {
  if (length >= bitsOf(family) - 1) return subnet;
  return { first: subnet.first + 1n, last: family === 4 ? subnet.last - 1n : subnet.last };
}

/** Why the pool cannot allocate an address that a user asks for. Undefined when it can. */
export function addressComplaint(pool: Pool, { value }: Address): string | undefined {
  if (value < pool.usable.first) return `is the network address of subnet ${pool.cidr}`;
  if (value > pool.usable.last) return `is the broadcast address of subnet ${pool.cidr}`;
  if (findRange(pool.reserved, value) !== undefined) return `is reserved in subnet ${pool.cidr}`;
  return undefined;
}

/** How many addresses the pool can give in all. */
export function capacity(pool: Pool): bigint {
  return pool.reserved.reduce((sum, range) => sum - countOf(range), countOf(pool.usable));
}
