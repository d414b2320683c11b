// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import {
  type Address,
  type Family,
  formatAddress,
  makeAddress,
  sameAddress,
} from '../../../api/net/address.ts';
import { containsAddress, formatPrefix, type Prefix, sizeOf } from '../../../api/net/prefix.ts';
import type { PeerProblem } from './types.ts';

/** The properties of a peer that matter for the allocation of its addresses. */
export interface AddressWish {
  readonly name: string;
  readonly uid: string;
  /** Addresses in the spec. */
  readonly wanted: readonly Address[];
  /** Addresses in the status, which the peer has had. */
  readonly kept: readonly Address[];
}

export interface Allocation {
  readonly addresses: readonly Address[];
  readonly problem: PeerProblem | undefined;
}

/** The gateway's own address in each range: the first one after the network address. */
export function gatewayAddresses(pool: readonly Prefix[]): readonly Address[] {
  return pool.map(({ family, value }) => makeAddress(family, value + 1n));
}

/**
 * Allocates the addresses of peers; the peers are in order of precedence. First, a peer that has an address keeps it,
 * whatever happens to other peers. Then peers that request an address get it. Then the others get free ones. Each
 * peer has its own start for the search, so that an address that was just freed does not go to the next new peer: a
 * firewall rule may still mean the former peer.
 */
export function allocateAddresses(
  pool: readonly Prefix[],
  wishes: readonly AddressWish[],
): ReadonlyMap<string, Allocation> {
  const holders = new Map<string, string>();
  const given = new Map(wishes.map(({ name }) => [name, [] as Address[]]));
  const problems = new Map<string, PeerProblem>();
  const give = (name: string, address: Address): void => {
    holders.set(formatAddress(address), name);
    given.get(name)?.push(address);
  };
  for (const { name, kept, wanted } of wishes) {
    for (const address of kept) {
      const stays = canGive(pool, address) && agrees(address, wanted);
      if (stays && !holders.has(formatAddress(address))) give(name, address);
    }
  }
  for (const { name, wanted } of wishes) {
    for (const address of wanted) {
      const holder = holders.get(formatAddress(address));
      if (holder === name) continue;
      const problem = problemOf(pool, address, holder);
      if (problem) problems.set(name, problem);
      else give(name, address);
    }
  }
  for (const wish of wishes) {
    if (problems.has(wish.name)) continue;
    for (const family of familiesOf(pool)) {
      if (given.get(wish.name)?.some((address) => address.family === family)) continue;
      const address = pickFree({ pool, family, uid: wish.uid, holders });
      if (address) give(wish.name, address);
      else problems.set(wish.name, exhausted(pool, family));
    }
  }
  return new Map(
    wishes.map(({ name }) => [name, { addresses: inOrder(given.get(name)), problem: problems.get(name) }]),
  );
}

function agrees(address: Address, wanted: readonly Address[]): boolean {
  const ofFamily = wanted.filter(({ family }) => family === address.family);
  return ofFamily.length === 0 || ofFamily.some((each) => sameAddress(each, address));
}

function familiesOf(pool: readonly Prefix[]): readonly Family[] {
  return ([4, 6] as const).filter((family) => pool.some((range) => range.family === family));
}

function inOrder(addresses: readonly Address[] = []): readonly Address[] {
  return [...addresses].sort((a, b) => a.family - b.family || (a.value < b.value ? -1 : 1));
}

/**
 * The addresses of a range that can be allocated: not the network address, not the gateway's, and not the broadcast
 * address of IPv4.
 */
function usableOf(range: Prefix): { readonly first: bigint; readonly count: bigint } {
  return { first: range.value + 2n, count: sizeOf(range) - (range.family === 4 ? 3n : 2n) };
}

function canGive(pool: readonly Prefix[], address: Address): boolean {
  return pool.some((range) => {
    const { first, count } = usableOf(range);
    return containsAddress(range, address) && address.value >= first && address.value < first + count;
  });
}

function problemOf(
  pool: readonly Prefix[],
  address: Address,
  holder: string | undefined,
): PeerProblem | undefined {
  const text = formatAddress(address);
  const field = 'spec.addresses';
  if (holder !== undefined) {
    return { reason: 'AddressInUse', field, message: `${text} is the address of peer ${holder}` };
  }
  if (canGive(pool, address)) return undefined;
  const inside = pool.some((range) => containsAddress(range, address));
  const why = inside
    ? 'is the address of the gateway, of the network or of broadcast'
    : `is outside the pool of the VPN (${pool.map(formatPrefix).join(', ')})`;
  return { reason: 'AddressOutsidePool', field, message: `${text} ${why}` };
}

function exhausted(pool: readonly Prefix[], family: Family): PeerProblem {
  const ranges = pool.filter((range) => range.family === family).map(formatPrefix);
  return {
    reason: 'PoolExhausted',
    field: 'spec.addresses',
    message: `no address of ${ranges.join(', ')} is free; add a range to spec.pool of the VPN`,
  };
}

/** The first free address from the peer's own start on; the search wraps round at the end. */
function pickFree(options: {
  readonly pool: readonly Prefix[];
  readonly family: Family;
  readonly uid: string;
  readonly holders: ReadonlyMap<string, string>;
}): Address | undefined {
  const { family, uid, holders } = options;
  for (const range of options.pool.filter((each) => each.family === family)) {
    const { first, count } = usableOf(range);
    const start = BigInt(`0x${createHash('sha256').update(uid).digest('hex').slice(0, 16)}`) % count;
    // Among so many candidates one is free, or the range is full.
    const looks = count <= BigInt(holders.size) ? count : BigInt(holders.size) + 1n;
    for (let step = 0n; step < looks; step += 1n) {
      const address = makeAddress(family, first + ((start + step) % count));
      if (!holders.has(formatAddress(address))) return address;
    }
  }
  return undefined;
}
