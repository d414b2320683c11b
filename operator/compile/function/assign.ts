// SPDX-License-Identifier: Apache-2.0
import type { Address, Family } from '../../../api/net/address.ts';
import { contains } from '../../../api/net/range.ts';
import type { Occupancy } from '../addresses/occupancy.ts';
import { pickAddress } from '../addresses/pick.ts';
import { addressComplaint, type Pool } from '../addresses/pool.ts';

/**
 * Assigns one address of each family of the network. An address that the function holds stays while the network can
 * give it and nothing else holds it. A missing one is the next free address. A family without a free address is left
 * out. Pure.
 */
export function assignAddresses(options: {
  readonly pools: readonly Pool[];
  readonly held: readonly Address[];
  readonly isFree: (address: Address) => boolean;
  readonly taken: (family: Family) => Pick<Occupancy, 'firstFree'>;
  readonly recent: (family: Family) => bigint | undefined;
}): readonly Address[] {
  const { pools, held, isFree, taken, recent } = options;
  return ([4, 6] as const).flatMap((family) => {
    const own = pools.filter((pool) => pool.family === family);
    const kept = held.find((address) => address.family === family && isFree(address) && fits(own, address));
    if (kept) return [kept];
    for (const pool of own) {
      const value = pickAddress({ pool, taken: taken(family), recent: recent(family) });
      if (value !== undefined) return [{ family, value }];
    }
    return [];
  });
}

function fits(pools: readonly Pool[], address: Address): boolean {
  const pool = pools.find(({ subnet }) => contains(subnet, address.value));
  return pool !== undefined && addressComplaint(pool, address) === undefined;
}
