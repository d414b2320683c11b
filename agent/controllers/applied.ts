// SPDX-License-Identifier: Apache-2.0
import { MapFullError } from '../apply/map-full.ts';
import type { BpfMapName } from '../render/generated/layout.ts';

/** A ChainSlice in the kernel. */
export interface AppliedSlice {
  readonly generation: number;
  /** Whether it is an object of the former group (api/former.ts), which counts its generations by itself. */
  readonly isFormer: boolean;
}

export interface AppliedNetwork {
  readonly vni: number;
  readonly generation: number;
  /** By key of the ChainSlice. */
  readonly slices: ReadonlyMap<string, AppliedSlice>;
  /** Nodes that the instances of its chains are on. */
  readonly hopNodes: ReadonlySet<string>;
}

/** The objects that this node's kernel has, each with its generation, for the node report. */
export class Applied {
  /** By key of the VirtualNetwork. */
  readonly networks = new Map<string, { readonly vni: number; readonly generation: number }>();
  /** By key of the network: since when this node does not need it, but keeps it for other nodes (`performance.now`). */
  readonly idleSince = new Map<string, number>();
  /** By key of the network, then of the ChainSlice. */
  readonly #slices = new Map<string, ReadonlyMap<string, AppliedSlice>>();
  /** By key of the network: the nodes that its chains' instances are on. */
  readonly #hopNodes = new Map<string, ReadonlySet<string>>();
  /** Nodes that instances of any network's chains are on, each with the number of those networks. */
  readonly #uses = new Map<string, number>();
  readonly #refused = new Map<string, BpfMapName>();
  readonly #listeners = new Set<() => void>();

  /** Stores that a network was written to the kernel. */
  set(network: string, entry: AppliedNetwork): void {
    this.networks.set(network, { vni: entry.vni, generation: entry.generation });
    this.#slices.set(network, entry.slices);
    this.#setHopNodes(network, entry.hopNodes);
    this.#emit();
  }

  delete(network: string): void {
    this.#slices.delete(network);
    this.#setHopNodes(network, new Set());
    if (this.networks.delete(network)) this.#emit();
  }

  /** All slices that are in the kernel, by key. */
  get slices(): ReadonlyMap<string, AppliedSlice> {
    return this.slicesOf(() => true);
  }

  /** The slices of the networks that count, by key. */
  slicesOf(counts: (network: string) => boolean): ReadonlyMap<string, AppliedSlice> {
    return new Map([...this.#slices].flatMap(([network, slices]) => (counts(network) ? [...slices] : [])));
  }

  /** Nodes that have an instance of some chain that is in this node's kernel. */
  get hopNodes(): Iterable<string> {
    return this.#uses.keys();
  }

  /** Whether a chain of the network has, as far as the kernel knows, an instance on the node. */
  leadsThrough(network: string, node: string): boolean {
    return this.#hopNodes.get(network)?.has(node) ?? false;
  }

  /** Networks with a chain that has an instance on this node. */
  networksThrough(node: string): ReadonlySet<string> {
    return new Set([...this.#hopNodes].flatMap(([network, nodes]) => (nodes.has(node) ? [network] : [])));
  }

  /** Objects that are not in the kernel because a map is full: from their name (`VirtualNetwork shop/a`) to the map. */
  get refused(): ReadonlyMap<string, BpfMapName> {
    return this.#refused;
  }

  /** Writes something to the kernel; remembers whether a full map refused it. */
  async write(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.forgive(what);
    } catch (error) {
      if (error instanceof MapFullError && this.#refused.get(what) !== error.map) {
        this.#refused.set(what, error.map);
        this.#emit();
      }
      throw error;
    }
  }

  /** Removes an object from `refused`: it is in the kernel now, or need not be any more. */
  forgive(what: string): void {
    if (this.#refused.delete(what)) this.#emit();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #setHopNodes(network: string, nodes: ReadonlySet<string>): void {
    for (const node of nodes) this.#uses.set(node, (this.#uses.get(node) ?? 0) + 1);
    for (const node of this.#hopNodes.get(network) ?? []) {
      const uses = (this.#uses.get(node) ?? 1) - 1;
      if (uses === 0) this.#uses.delete(node);
      else this.#uses.set(node, uses);
    }
    if (nodes.size === 0) this.#hopNodes.delete(network);
    else this.#hopNodes.set(network, nodes);
  }

  #emit(): void {
    for (const listener of this.#listeners) listener();
  }
}
