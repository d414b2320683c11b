// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { parseAddress } from '../../api/net/address.ts';

/**
 * A number for each backend, which the kernel's maps use for it: the IPv4 address itself, or a hash of the IPv6
 * address. It depends on the addresses only, so all instances have the same numbers. All of them are above the numbers
 * of slots, so that one is never taken for the other.
 */
export function renderIds(addresses: readonly string[]): ReadonlyMap<string, number> {
  const taken = new Set<number>();
  return new Map(
    [...addresses].sort().map((address) => {
      const { family, value } = parseAddress(address);
      let id = family === 4 ? Number(value) : hashOf(address);
      // Two IPv6 addresses may have the same hash. They are counted up in sorted order, so all instances agree.
      while (taken.has(id)) id += 1;
      taken.add(id);
      return [address, id];
    }),
  );
}

const LOWEST = 0x80000000;

function hashOf(address: string): number {
  return LOWEST + (createHash('sha256').update(address).digest().readUInt32BE(0) & 0x3fffffff);
}

/** Formats a number as nft writes a packet's priority, where the choice is kept: two halves in hexadecimal. */
export function formatId(id: number): string {
  return `${(id >>> 16).toString(16)}:${(id & 0xffff).toString(16)}`;
}
