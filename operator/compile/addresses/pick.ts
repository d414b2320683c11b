// SPDX-License-Identifier: Apache-2.0
import { contains, type Range } from '../../../api/net/range.ts';
import { findRange } from '../../../api/net/range-set.ts';
import type { Occupancy } from './occupancy.ts';
import type { Pool } from './pool.ts';

/**
 * The next free address of a pool after `recent`, the address that was allocated last. The search wraps round at the
 * end of the pool. So an address that was just freed is allocated again as late as possible, and caches and late
 * packets of its former holder do not reach the new one.
 */
export function pickAddress(options: {
  readonly pool: Pool;
  readonly taken: Pick<Occupancy, 'firstFree'>;
  readonly recent: bigint | undefined;
}): bigint | undefined {
  const { pool, taken, recent } = options;
  const { first, last } = pool.usable;
  if (recent === undefined || !contains(pool.usable, recent))
    return scan({ pool, taken, range: pool.usable });
  return (
    scan({ pool, taken, range: { first: recent + 1n, last } }) ??
    scan({ pool, taken, range: { first, last: recent } })
  );
}

function scan(options: {
  readonly pool: Pool;
  readonly taken: Pick<Occupancy, 'firstFree'>;
  readonly range: Range;
}): bigint | undefined {
  const { pool, taken, range } = options;
  let from = range.first;
  while (from <= range.last) {
    const free = taken.firstFree(from, range.last);
    if (free === undefined) return undefined;
    const reserved = findRange(pool.reserved, free);
    if (reserved === undefined) return free;
    from = reserved.last + 1n;
  }
  return undefined;
}
