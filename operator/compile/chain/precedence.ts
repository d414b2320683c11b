// SPDX-License-Identifier: Apache-2.0
import type { ServiceChain } from '../../../api/index.ts';
import {
  comparePrecedence,
  coversExtent,
  coversPorts,
  type Extent,
  type Precedence,
  portRanges,
  renderEnds,
} from './shadow.ts';
import type { End } from './types.ts';

type Numbers = Pick<Extent, 'from' | 'to'>;

/** A chain as its last pass resolved it. */
interface Entry {
  readonly precedence: Precedence;
  readonly ports: Extent['ports'];
  readonly ends: { readonly from: End; readonly to: End };
  /** Made when another chain needs it: most chains are never compared beyond their ports. */
  numbers: Numbers | undefined;
  shadowedBy: string | undefined;
}

/** What changed for the others by a chain's pass. */
export interface Placement {
  /** Key of the chain that takes all flows of this one. */
  readonly shadowedBy: string | undefined;
  /** Chains whose own answer is different now: they need a pass. */
  readonly affected: readonly string[];
}

/**
 * Which chains of one network hide which. It is filled by the chains' passes, in any order: a chain that
 * comes later says whose answer changes by it.
 */
export class PrecedenceBook {
  readonly #networks = new Map<string, Map<string, Entry>>();
  /** The network that each chain was placed in last. */
  readonly #placed = new Map<string, string>();

  /** Takes in a chain as it is now. */
  place(options: {
    readonly key: string;
    readonly network: string;
    readonly chain: ServiceChain;
    readonly from: End;
    readonly to: End;
  }): Placement {
    const { key, network, chain, from, to } = options;
    // A chain of the same name that came anew may be on another network.
    const left = this.#placed.get(key) === network ? [] : this.remove(key);
    const chains = this.#networks.get(network) ?? new Map<string, Entry>();
    this.#networks.set(network, chains);
    this.#placed.set(key, network);
    const before = chains.get(key);
    const entry: Entry = {
      precedence: {
        priority: chain.spec.priority,
        createdAt: chain.metadata.creationTimestamp ?? '',
        key,
      },
      ports: portRanges(chain.spec.ports),
      ends: { from, to },
      // Most passes change neither end: what was reckoned for the last one holds.
      numbers: before && sameEnds(before.ends, { from, to }) ? before.numbers : undefined,
      shadowedBy: undefined,
    };
    chains.set(key, entry);
    entry.shadowedBy = findShadow(entry, chains);
    return { shadowedBy: entry.shadowedBy, affected: [...left, ...affectedBy(entry, chains)] };
  }

  /** A chain that is gone, or on no network; answers with the chains that it hid. */
  remove(key: string): readonly string[] {
    const network = this.#placed.get(key);
    const chains = network === undefined ? undefined : this.#networks.get(network);
    if (network === undefined || !chains) return [];
    this.#placed.delete(key);
    chains.delete(key);
    if (chains.size === 0) this.#networks.delete(network);
    return [...chains].flatMap(([other, entry]) => (entry.shadowedBy === key ? [other] : []));
  }
}

/** The first in precedence of those that hide an entry, so that the answer does not depend on the order. */
function findShadow(entry: Entry, chains: ReadonlyMap<string, Entry>): string | undefined {
  return [...chains.values()]
    .filter((other) => hides(other, entry))
    .map((other) => other.precedence)
    .sort(comparePrecedence)[0]?.key;
}

function affectedBy(entry: Entry, chains: ReadonlyMap<string, Entry>): string[] {
  const { key } = entry.precedence;
  return [...chains.values()].flatMap((other) => {
    if (other === entry) return [];
    const wasHidden = other.shadowedBy === key;
    // One that another chain hides already would at most name this one in its place.
    if (!wasHidden && other.shadowedBy !== undefined) return [];
    return hides(entry, other) === wasHidden ? [] : [other.precedence.key];
  });
}

function hides(upper: Entry, lower: Entry): boolean {
  return (
    upper !== lower &&
    comparePrecedence(upper.precedence, lower.precedence) < 0 &&
    coversPorts(upper.ports, lower.ports) &&
    coversExtent(extentOf(upper), extentOf(lower))
  );
}

function extentOf(entry: Entry): Extent {
  entry.numbers ??= renderEnds(entry.ends);
  return { ...entry.numbers, ports: entry.ports };
}

function sameEnds(a: Entry['ends'], b: Entry['ends']): boolean {
  return (a.from === b.from && a.to === b.to) || JSON.stringify(a) === JSON.stringify(b);
}
