// SPDX-License-Identifier: Apache-2.0
import type { ChainInstance } from '../../api/index.ts';
import { addressesOf } from '../../api/net/address.ts';
import { mappedBytes } from '../../api/net/mapped.ts';
import type { Facts } from '../render/facts.ts';
import type { AgentStores } from './stores.ts';

/** A pod's sandbox on this node, as the container runtime told. */
export interface Sandbox {
  readonly id: string;
  readonly podUid: string;
  readonly namespace: string;
  readonly name: string;
  readonly netnsPath: string;
}

/** `Answers`: to what went through it. `Nothing`: what is in it comes out. */
export type Leaving = 'Answers' | 'Nothing';

/** An interface that is in this node's kernel. */
export interface LocalInterface {
  readonly hostName: string;
  readonly ifindex: number;
  /** What packets may still go into it, of one that is about to be taken away. */
  readonly leaving?: Leaving | undefined;
  /** The other one of an instance that passes on frames between two; this is the left one then. */
  readonly right?: Omit<LocalInterface, 'right' | 'leaving'> | undefined;
}

/**
 * What only this node knows: the sandboxes that run here, and which Ports are attached by which device. The one
 * place of it; everything else asks here.
 */
export class LocalState {
  readonly node: string;
  readonly sandboxes = new Map<string, Sandbox>();
  /** By key of the Port: the end of its interface, which is under way. */
  readonly detaching = new Map<string, Promise<void>>();
  readonly #interfaces = new Map<string, LocalInterface>();
  readonly #listeners = new Set<(portKey: string) => void>();

  constructor(node: string) {
    this.node = node;
  }

  interfaceOf(portKey: string): LocalInterface | undefined {
    return this.#interfaces.get(portKey);
  }

  get interfaces(): ReadonlyMap<string, LocalInterface> {
    return this.#interfaces;
  }

  attached(portKey: string, local: LocalInterface): void {
    const known = this.#interfaces.get(portKey);
    this.#interfaces.set(portKey, local);
    if (known?.ifindex !== local.ifindex || known.right?.ifindex !== local.right?.ifindex)
      this.#emit(portKey);
  }

  /** Whoever writes the kernel's entries from now on writes them so. */
  leaving(portKey: string, leaving: Leaving): void {
    const known = this.#interfaces.get(portKey);
    if (known) this.#interfaces.set(portKey, { ...known, leaving });
  }

  detached(portKey: string): void {
    if (this.#interfaces.delete(portKey)) this.#emit(portKey);
  }

  /** Told of each Port that came or went in this node's kernel. */
  subscribe(listener: (portKey: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #emit(portKey: string): void {
    for (const listener of this.#listeners) listener(portKey);
  }
}

/** What probes showed. */
export interface HealthView {
  /** Of an instance of this node. */
  isDown(id: number): boolean;
  isUnreachable(node: string): boolean;
}

export interface FactSources {
  readonly local: LocalState;
  readonly stores: AgentStores;
  readonly health: HealthView;
}

/** How render sees this node. */
export function factsOf({ local, stores, health }: FactSources): Facts {
  // Asked for at each Port of a network.
  const vteps = new Map<string, Uint8Array | undefined>();
  return {
    node: local.node,
    ifindexOf: (portKey) => {
      const known = local.interfaceOf(portKey);
      return known?.leaving === 'Nothing' ? undefined : known?.ifindex;
    },
    isLeaving: (portKey) => local.interfaceOf(portKey)?.leaving !== undefined,
    rightIfindexOf: (portKey) => local.interfaceOf(portKey)?.right?.ifindex,
    vtepOf: (node) => {
      if (!vteps.has(node)) vteps.set(node, vtepOf(stores, local.node, node));
      return vteps.get(node);
    },
    // That a process is away the kubelet knows, no probe. Of its own instances a node knows first; of others it knows what their node told, and whether that is there.
    isDown: ({ id, node, state }) => {
      const told = state ?? stateOf(stores, id);
      if (told === 'Unready') return true;
      return node === local.node ? health.isDown(id) : health.isUnreachable(node) || told === 'Down';
    },
  };
}

/** Every slice says the same of an instance, or will in a moment. */
function stateOf(stores: AgentStores, id: number): ChainInstance['state'] {
  const [slice] = stores.slices.byIndex('instance', String(id));
  const instances = slice?.spec.hops?.flatMap((hop) => hop.instances) ?? [];
  return instances.find((instance) => instance.id === id)?.state;
}

/** A node's address in the family that this node's own first address has, mapped: both ends must speak it. */
function vtepOf(stores: AgentStores, own: string, node: string): Uint8Array | undefined {
  const addressesOfNode = (name: string) => addressesOf(stores.nodes.get(name)?.status.internalIPs);
  const family = addressesOfNode(own)[0]?.family ?? 4;
  const found = addressesOfNode(node).find((address) => address.family === family);
  return found && mappedBytes(found);
}
