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

/** A chain as its last reconcile pass resolved it. */
interface Entry {
  readonly precedence: Precedence;
  readonly ports: Extent['ports'];
  readonly ends: { readonly from: End; readonly to: End };
  /** The ends as numbers. Computed when another chain needs them: most chains differ in their ports already. */
  numbers: Numbers | undefined;
  shadowedBy: string | undefined;
}

/** The result of placing a chain among the others of its network. */
export interface Placement {
  /** Key of the chain that takes all flows of this one. */
  readonly shadowedBy: string | undefined;
  /** Keys of the chains whose `shadowedBy` changed. They need a reconcile pass. */
  readonly affected: readonly string[];
}

/**
 * PrecedenceBook knows which chains of a network shadow which others. Each pass over a chain updates it, in any
 * order. Each update returns the other chains whose result changed.
 */
export class PrecedenceBook {
  readonly #networks = new Map<string, Map<string, Entry>>();
  /** The network that each chain was placed in last. */
  readonly #placed = new Map<string, string>();

  /** Adds or updates a chain. */
  place(options: {
    readonly key: string;
    readonly network: string;
    readonly chain: ServiceChain;
    readonly from: End;
    readonly to: End;
  }): Placement {
    const { key, network, chain, from, to } = options;
    // A chain that was deleted and created again under the same name may be on another network.
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
      // Most passes change neither end. Then the numbers of the last pass are still valid.
      numbers: before && sameEnds(before.ends, { from, to }) ? before.numbers : undefined,
      shadowedBy: undefined,
    };
    chains.set(key, entry);
    entry.shadowedBy = findShadow(entry, chains);
    return { shadowedBy: entry.shadowedBy, affected: [...left, ...affectedBy(entry, chains, before)] };
  }

  /** Removes a chain that was deleted or has no network. Returns the chains that it shadowed. */
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

/**
 * The chain of highest precedence among those that shadow an entry, so that the result does not depend on the order
 * of passes.
 */
function findShadow(entry: Entry, chains: ReadonlyMap<string, Entry>): string | undefined {
  return [...chains.values()]
    .filter((other) => hides(other, entry))
    .map((other) => other.precedence)
    .sort(comparePrecedence)[0]?.key;
}

function affectedBy(entry: Entry, chains: ReadonlyMap<string, Entry>, before: Entry | undefined): string[] {
  const { key } = entry.precedence;
  const isLower = before !== undefined && hasPrecedence(before, entry);
  return [...chains.values()].flatMap((other) => {
    if (other === entry) return [];
    const wasHidden = other.shadowedBy === key;
    if (wasHidden && isLower) return findShadow(other, chains) === key ? [] : [other.precedence.key];
    // The status names the chain of highest precedence, in whatever order the chains came.
    if (!wasHidden && other.shadowedBy !== undefined && !hasPrecedence(entry, chains.get(other.shadowedBy))) {
      return [];
    }
    return hides(entry, other) === wasHidden ? [] : [other.precedence.key];
  });
}

function hasPrecedence(entry: Entry, other: Entry | undefined): boolean {
  return other === undefined || comparePrecedence(entry.precedence, other.precedence) < 0;
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
