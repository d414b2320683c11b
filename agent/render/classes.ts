// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { coversMapped, EVERYTHING, type MappedPrefix } from '../../api/net/mapped.ts';
import type { Chain, PeerSet } from './chain.ts';
import { prefixKey } from './keys.ts';
import { sameItems } from './memo.ts';

/** A class: the chains that name its addresses, and at which of their ends. */
export interface AddressClass {
  /** 0n: named by no chain. */
  readonly id: bigint;
  readonly chains: readonly ClassMember[];
}

interface ClassMember {
  readonly chain: Chain;
  readonly from: boolean;
  readonly to: boolean;
  /** A load balancer of the chain sends to these addresses. */
  readonly behind: boolean;
}

export const NO_CLASS: AddressClass = { id: 0n, chains: [] };

/** Returns the class of a prefix. All its addresses must be of one class: it is an elementary prefix, or one address. */
export type ClassOf = (prefix: MappedPrefix, key?: string) => AddressClass;

interface End {
  readonly chain: Chain;
  readonly side: 'from' | 'to' | 'behind';
  /** Its number among all ends of the network. */
  readonly index: number;
}

/**
 * Reduces the ends of all chains of a network to classes. Addresses that the same ends of the same chains name are one
 * class, so the kernel looks up one class for each address of a packet, and then the few rules of the pair.
 * The id of a class is a hash of those ends: it is the same after a restart of the agent, and after other changes of
 * its chains.
 * @param chains in order of precedence
 */
export function classify(vni: number, chains: readonly Chain[]): ClassOf {
  const [first] = chains;
  if (!first) return () => NO_CLASS;
  const known = classified.get(first);
  if (known?.vni === vni && sameItems(known.chains, chains)) return known.classOf;
  const classOf = classifyAnew(vni, chains);
  classified.set(first, { vni, chains, classOf });
  return classOf;
}

/** Results by the first of the chains: most changes of a network concern its Ports, and change no class. */
const classified = new WeakMap<
  Chain,
  { readonly vni: number; readonly chains: readonly Chain[]; readonly classOf: ClassOf }
>();

function classifyAnew(vni: number, chains: readonly Chain[]): ClassOf {
  const ends: End[] = chains.flatMap((chain, position) => [
    { chain, side: 'from' as const, index: 3 * position },
    { chain, side: 'to' as const, index: 3 * position + 1 },
    ...(chain.behind ? [{ chain, side: 'behind' as const, index: 3 * position + 2 }] : []),
  ]);
  const byAddress = indexAddresses(ends);
  const ranged = ends.filter((end) => peersOf(end).any || peersOf(end).cidrs.length > 0);
  const bySignature = new Map<string, AddressClass>();
  /** Classes by the list of ends that name an address: there are few lists, each with thousands of addresses. */
  const byEnds = new Map<string, AddressClass>();
  const classOfEnds = (named: ReadonlySet<End>): AddressClass => {
    if (named.size === 0) return NO_CLASS;
    const chainsNamed = chains
      .map((chain) => ({ chain, ...sidesOf(named, chain) }))
      .filter(({ from, to, behind }) => from || to || behind);
    const signature = chainsNamed
      .map(
        ({ chain, from, to, behind }) =>
          `${chain.key}${from ? ',F' : ''}${to ? ',T' : ''}${behind ? ',B' : ''}`,
      )
      .sort()
      .join(';');
    const found = bySignature.get(signature) ?? { id: hashId(`${vni}|${signature}`), chains: chainsNamed };
    bySignature.set(signature, found);
    return found;
  };
  return (prefix, key = prefixKey(prefix)) => {
    const exact = byAddress.get(key) ?? [];
    const around = ranged.filter((end) => rangeCovers(peersOf(end), prefix));
    const named = exact.length === 0 ? around : around.length === 0 ? exact : [...exact, ...around];
    const list = named.map(({ index }) => index).join();
    const found = byEnds.get(list) ?? classOfEnds(new Set(named));
    byEnds.set(list, found);
    return found;
  };
}

/** The prefixes at which the class may change: every range that a chain names, and each exception within. */
export function elementaryPrefixes(chains: readonly Chain[]): readonly MappedPrefix[] {
  const found = new Map<string, MappedPrefix>();
  const add = (prefix: MappedPrefix) => found.set(prefixKey(prefix), prefix);
  for (const set of chains.flatMap(({ from, to, behind }) => [from, to, ...(behind ? [behind] : [])])) {
    if (set.any) add(EVERYTHING);
    for (const { cidr, except } of set.cidrs) {
      add(cidr);
      for (const exception of except) add(exception);
    }
  }
  return [...found.values()];
}

function indexAddresses(ends: readonly End[]): ReadonlyMap<string, readonly End[]> {
  const index = new Map<string, End[]>();
  for (const end of ends) {
    for (const address of peersOf(end).addresses) {
      const list = index.get(address);
      if (list) list.push(end);
      else index.set(address, [end]);
    }
  }
  return index;
}

function rangeCovers(set: PeerSet, prefix: MappedPrefix): boolean {
  if (set.any) return true;
  return set.cidrs.some(
    ({ cidr, except }) =>
      coversMapped(cidr, prefix) && !except.some((exception) => coversMapped(exception, prefix)),
  );
}

function sidesOf(named: ReadonlySet<End>, chain: Chain): Omit<ClassMember, 'chain'> {
  const sides = { from: false, to: false, behind: false };
  for (const end of named) if (end.chain === chain) sides[end.side] = true;
  return sides;
}

const NO_PEERS: PeerSet = { any: false, cidrs: [], addresses: new Set() };

function peersOf({ chain, side }: End): PeerSet {
  return chain[side] ?? NO_PEERS;
}

function hashId(text: string): bigint {
  const id = createHash('sha256').update(text).digest().readBigUInt64LE();
  return id === 0n ? 1n : id;
}
