// SPDX-License-Identifier: Apache-2.0
import { type Prefix, tryParsePrefix } from '../../../api/net/prefix.ts';
import type { Occupancy } from './occupancy.ts';
import { compilePool, type Pool } from './pool.ts';
import type { Usage } from './usage.ts';

/**
 * Pure: the subnets that an edit removed, as long as Ports have addresses in them that no other subnet has: pods keep
 * the routes to these. Prefixes either contain each other or do not meet, so an address counts for the longest prefix
 * that has it: once, whether a subnet was enlarged, made smaller or split.
 */
export function measureLeftovers(options: {
  readonly pools: readonly Pool[];
  /** The subnets of the status before. */
  readonly before: readonly string[];
  readonly taken: (family: Pool['family']) => Pick<Occupancy, 'count'>;
}): readonly Usage[] {
  const { pools, before, taken } = options;
  const known = new Set(pools.map(({ cidr }) => cidr));
  const removed = before
    .flatMap((text) => tryParsePrefix(text) ?? [])
    .toSorted((a: Prefix, b: Prefix) => b.length - a.length)
    .map((prefix) => compilePool(prefix, []))
    .filter(({ cidr }) => !known.has(cidr));
  const counted: { readonly pool: Pool; readonly allocated: number }[] = [];
  for (const pool of removed) {
    if (pools.some((other) => contains(other, pool))) continue;
    const inside = (other: Pool): boolean => contains(pool, other);
    const elsewhere = [
      ...pools.filter(inside).map((other) => countIn(other, taken)),
      ...counted.filter((other) => inside(other.pool)).map(({ allocated }) => allocated),
    ];
    const allocated = elsewhere.reduce((rest, count) => rest - count, countIn(pool, taken));
    if (allocated > 0) counted.push({ pool, allocated });
  }
  return counted.map(({ pool, allocated }) => ({ cidr: pool.cidr, allocated, available: 0 }));
}

function countIn(
  { family, subnet }: Pool,
  taken: (family: Pool['family']) => Pick<Occupancy, 'count'>,
): number {
  return taken(family).count(subnet.first, subnet.last);
}

function contains(outer: Pool, inner: Pool): boolean {
  return (
    outer.family === inner.family &&
    outer.subnet.first <= inner.subnet.first &&
    inner.subnet.last <= outer.subnet.last
  );
}
