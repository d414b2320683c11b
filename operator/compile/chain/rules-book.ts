// SPDX-License-Identifier: Apache-2.0
import type { ChainSlice, ServiceChain } from '../../../api/index.ts';
import { type ClassifiedChain, countRules, RULES_PER_ENTRY, rulesOf } from './rules.ts';
import { comparePrecedence, type Precedence } from './shadow.ts';
import type { End } from './types.ts';

/** Both ends of a chain. */
export interface Ends {
  readonly from: End;
  readonly to: End;
}

/** A chain of the network and its slices. */
export interface StoredChain {
  readonly key: string;
  readonly chain: ServiceChain;
  readonly slices: readonly ChainSlice[];
}

interface Entry extends ClassifiedChain {
  readonly precedence: Precedence;
}

interface Network {
  readonly chains: Map<string, Entry>;
  /** Chains that were refused, and when: nothing is counted again until the network changes. */
  readonly refused: Map<
    string,
    { readonly wanted: Entry; readonly version: number; readonly entries: number }
  >;
  /** Grows with each change of `chains`. */
  version: number;
  /** Entries and classes at the last count, and items whose class may have changed since. */
  counted: number;
  classes: number;
  changed: number;
}

export type RulesVerdict =
  | { readonly kind: 'Fits' }
  /** The entries that the network would need, at least. */
  | { readonly kind: 'Exceeds'; readonly entries: number };

const FITS: RulesVerdict = { kind: 'Fits' };

/**
 * RulesBook keeps the entries that the chains of each network need in the maps of a node below a limit. Each pass over a
 * chain asks. A chain that would exceed the limit stays with the ends that its slices have, so that what works goes on: a
 * new chain is not compiled, and a new pod of an old chain is not accepted.
 *
 * Exact counts are expensive in a large network. An address that an end gets or loses makes one class more at most, so
 * the book counts again only when the classes that are possible since the last count could exceed the limit, or when a
 * range changed, which may concern every class.
 */
export class RulesBook {
  readonly #networks = new Map<string, Network>();
  readonly #placed = new Map<string, string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Judges the ends of a chain, and takes them or, when they exceed the limit, those that its slices have. */
  place(options: {
    readonly key: string;
    readonly network: string;
    readonly chain: ServiceChain;
    readonly ends: Ends;
    readonly slices: readonly ChainSlice[];
    /** The chains of the network. What is on the nodes counts before the first pass over its chain. */
    readonly stored: () => readonly StoredChain[];
  }): RulesVerdict {
    const { key, network: name, chain, ends, slices, stored } = options;
    if (this.#placed.get(key) !== name) this.remove(key);
    const isFirst = !this.#networks.has(name);
    const network = this.#networkOf(name);
    for (const each of isFirst ? stored() : []) this.#begin(each, name, network);
    this.#placed.set(key, name);
    const wanted = entryOf(key, chain, ends);
    const before = network.chains.get(key);
    if (before && isSame(before, wanted)) return FITS;
    const refused = network.refused.get(key);
    if (refused?.version === network.version && isSame(refused.wanted, wanted)) {
      return { kind: 'Exceeds', entries: refused.entries };
    }
    network.refused.delete(key);
    const kept: Entry = { ...wanted, ...keepStored(ends, slices) };
    set(network, key, wanted);
    // What is on the nodes stays there, also when it exceeds a limit that was lowered.
    if (bound(network) <= this.#most || isSame(kept, wanted)) return FITS;
    const entries = this.#count(network);
    if (entries <= this.#most) return FITS;
    set(network, key, kept);
    this.#count(network);
    network.refused.set(key, { wanted, version: network.version, entries });
    return { kind: 'Exceeds', entries };
  }

  /** Removes a chain that was deleted. */
  remove(key: string): void {
    const name = this.#placed.get(key);
    if (name === undefined) return;
    this.#placed.delete(key);
    const network = this.#networks.get(name);
    if (!network) return;
    network.chains.delete(key);
    network.refused.delete(key);
    network.version += 1;
    if (network.chains.size === 0) this.#networks.delete(name);
  }

  /** Takes a chain as its slices have it. */
  #begin({ key, chain, slices }: StoredChain, name: string, network: Network): void {
    if (slices.length === 0) return;
    this.#placed.set(key, name);
    set(network, key, entryOf(key, chain, { from: uniteEnds(slices, 'from'), to: uniteEnds(slices, 'to') }));
  }

  #networkOf(name: string): Network {
    const network = this.#networks.get(name) ?? {
      chains: new Map(),
      refused: new Map(),
      version: 0,
      counted: 0,
      classes: 0,
      changed: 0,
    };
    this.#networks.set(name, network);
    return network;
  }

  #count(network: Network): number {
    const chains = [...network.chains.values()].sort((a, b) => comparePrecedence(a.precedence, b.precedence));
    const { entries, classes } = countRules(chains, this.#most);
    network.counted = entries;
    network.classes = classes;
    network.changed = 0;
    return entries;
  }
}

function entryOf(key: string, chain: ServiceChain, ends: Ends): Entry {
  const createdAt = chain.metadata.creationTimestamp ?? '';
  const precedence = { priority: chain.spec.priority, createdAt, key };
  return { ...ends, precedence, rules: rulesOf(chain) };
}

/** One end as the slices have it, in the order of a resolved end. */
function uniteEnds(slices: readonly ChainSlice[], side: keyof Ends): End {
  const stored = slices.map(({ spec }) => spec[side]);
  const blocks = stored.flatMap((end) => end.cidrs ?? []);
  const byText = new Map(blocks.map((block) => [`${block.cidr} ${(block.except ?? []).join()}`, block]));
  return {
    any: stored.some(({ any }) => any),
    cidrs: [...byText.keys()].sort().map((text) => byText.get(text)!),
    addresses: stored.flatMap((end) => end.addresses ?? []).sort(),
  };
}

function set(network: Network, key: string, entry: Entry): void {
  const before = network.chains.get(key);
  if (before && isSame(before, entry)) return;
  network.chains.set(key, entry);
  network.version += 1;
  network.changed += changesBetween(before, entry);
}

/** The most entries that a network can need, from the last count and the changes since. */
function bound({ chains, counted, classes, changed }: Network): number {
  const rules = [...chains.values()].reduce((sum, chain) => sum + (chain.rules ?? 1), 0);
  return counted + 2 * changed * (classes + changed) * Math.ceil((2 * rules) / RULES_PER_ENTRY);
}

/** The parts of two ends that the stored slices of the chain have. */
export function keepStored(ends: Ends, slices: readonly ChainSlice[]): Ends {
  return { from: keepEnd(ends, slices, 'from'), to: keepEnd(ends, slices, 'to') };
}

function keepEnd(ends: Ends, slices: readonly ChainSlice[], side: keyof Ends): End {
  const stored = slices.map(({ spec }) => spec[side]);
  const addresses = new Set(stored.flatMap((end) => end.addresses ?? []));
  const cidrs = new Set(stored.flatMap((end) => (end.cidrs ?? []).map((block) => JSON.stringify(block))));
  const wanted = ends[side];
  return {
    any: wanted.any && stored.some(({ any }) => any),
    cidrs: wanted.cidrs.filter((block) => cidrs.has(JSON.stringify(block))),
    addresses: wanted.addresses.filter((address) => addresses.has(address)),
  };
}

function isSame(a: Entry, b: Entry): boolean {
  if (a.rules !== b.rules || comparePrecedence(a.precedence, b.precedence) !== 0) return false;
  return (['from', 'to'] as const).every(
    (side) => a[side] === b[side] || JSON.stringify(a[side]) === JSON.stringify(b[side]),
  );
}

/** Addresses whose class may change; without a bound when a change concerns other addresses too. */
function changesBetween(before: Entry | undefined, now: Entry): number {
  if (before && before.rules !== now.rules) return Number.POSITIVE_INFINITY;
  return changesOfEnd(before?.from, now.from) + changesOfEnd(before?.to, now.to);
}

const NOTHING: End = { any: false, cidrs: [], addresses: [] };

function changesOfEnd(before: End = NOTHING, now: End): number {
  const rangesOf = ({ any, cidrs }: End) => JSON.stringify([any, cidrs]);
  if (rangesOf(before) !== rangesOf(now)) return Number.POSITIVE_INFINITY;
  const had = new Set(before.addresses);
  const has = new Set(now.addresses);
  const added = now.addresses.filter((address) => !had.has(address)).length;
  return added + before.addresses.filter((address) => !has.has(address)).length;
}
