// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { parseAddress } from '../../api/net/address.ts';

/**
 * A number for each backend, by which the kernel's maps name it: the IPv4 address itself, a hash of an IPv6 one. The
 * same on all instances, since that is all it depends on. Over every number of a slot, so that one is never taken for
 * the other.
 */
export function renderIds(addresses: readonly string[]): ReadonlyMap<string, number> {
  const taken = new Set<number>();
  return new Map(
    [...addresses].sort().map((address) => {
      const { family, value } = parseAddress(address);
      let id = family === 4 ? Number(value) : hashOf(address);
      // Two IPv6 addresses with one hash: in the order of the addresses, so all instances agree.
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

/** As nft writes a packet's priority, in which the choice is kept while it is made: two halves in hexadecimal. */
export function formatId(id: number): string {
  return `${(id >>> 16).toString(16)}:${(id & 0xffff).toString(16)}`;
}
