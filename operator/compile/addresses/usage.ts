// SPDX-License-Identifier: Apache-2.0
import type { Occupancy } from './occupancy.ts';
import { capacity, type Pool } from './pool.ts';

export interface Usage {
  readonly cidr: string;
  readonly allocated: number;
  readonly available: number;
}

/** How full a subnet is. A count above the largest exact JavaScript integer is shown as that integer. */
export function measureUsage(pool: Pool, taken: Pick<Occupancy, 'count'>): Usage {
  const allocated = taken.count(pool.subnet.first, pool.subnet.last);
  const inReserve = pool.reserved.reduce((sum, { first, last }) => sum + taken.count(first, last), 0);
  const given = taken.count(pool.usable.first, pool.usable.last) - inReserve;
  const available = capacity(pool) - BigInt(given);
  const shown = available > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(available);
  return { cidr: pool.cidr, allocated, available: shown };
}
