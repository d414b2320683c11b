// SPDX-License-Identifier: Apache-2.0
import type { Subnet } from '../../../api/index.ts';
import { AddressError } from '../../../api/net/address.ts';
import { parsePrefix } from '../../../api/net/prefix.ts';
import { type AddressRange, parseRange } from '../../../api/net/range.ts';
import { rangesMeet } from '../../../api/net/range-set.ts';
import { compilePool, type Pool } from '../addresses/pool.ts';

export type PoolsResult =
  | { readonly kind: 'Pools'; readonly pools: readonly Pool[] }
  /** `message` names the field and says what to do. */
  | { readonly kind: 'Invalid'; readonly message: string };

/** The subnets of a network as the allocator uses them, in the order of the spec. */
export function compilePools(subnets: readonly Subnet[]): PoolsResult {
  try {
    const pools = subnets.map((subnet, i) => compileSubnet(subnet, `spec.subnets[${i}]`));
    const overlap = findOverlap(pools);
    return overlap === undefined ? { kind: 'Pools', pools } : { kind: 'Invalid', message: overlap };
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    return { kind: 'Invalid', message: error.message };
  }
}

function compileSubnet(subnet: Subnet, field: string): Pool {
  const cidr = named(`${field}.cidr`, () => parsePrefix(subnet.cidr));
  const reserved = (subnet.reserved ?? []).map((text, i): AddressRange => {
    const range = named(`${field}.reserved[${i}]`, () => parseRange(text));
    if (range.family === cidr.family) return range;
    throw new AddressError(`${field}.reserved[${i}]: ${text} is not of the address family of ${subnet.cidr}`);
  });
  return compilePool(cidr, reserved);
}

function named<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AddressError) throw new AddressError(`${field}: ${error.message}`);
    throw error;
  }
}

function findOverlap(pools: readonly Pool[]): string | undefined {
  for (const [i, a] of pools.entries()) {
    const b = pools
      .slice(0, i)
      .find((other) => other.family === a.family && rangesMeet([other.subnet], [a.subnet]));
    if (b !== undefined) return `spec.subnets: ${b.cidr} and ${a.cidr} overlap; remove one of them`;
  }
  return undefined;
}
