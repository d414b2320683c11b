// SPDX-License-Identifier: Apache-2.0
import type { ChainInstance, Port } from '../../api/index.ts';
import { addressesOf } from '../../api/net/address.ts';
import { mappedBytes } from '../../api/net/mapped.ts';
import { isPortOf, runtimeUidOf } from '../../api/static-pod.ts';
import type { Facts } from '../render/facts.ts';
import type { AgentStores } from './stores.ts';

/** A pod's sandbox on this node, as the container runtime reported it. */
export interface Sandbox {
  readonly id: string;
  readonly podUid: string;
  readonly namespace: string;
  readonly name: string;
  readonly netnsPath: string;
}

/**
 * Which packets may still enter an instance that is about to be detached. `Answers`: answers to packets that went through
 * it. `Nothing`: no packets; those inside may still leave.
 */
export type Leaving = 'Answers' | 'Nothing';

/** An interface that is in this node's kernel. */
export interface LocalInterface {
  readonly hostName: string;
  readonly ifindex: number;
  /** Set while the interface is about to be removed. */
  readonly leaving?: Leaving | undefined;
  /** The right interface of an instance that forwards frames between two; this one is the left interface then. */
  readonly right?: Omit<LocalInterface, 'right' | 'leaving'> | undefined;
}

/** An interface with its addresses, its routes and its entries in the data path. */
export interface Completed {
  readonly sandboxId: string;
  /** When this agent made it, in milliseconds since 1970; undefined if it was there already. */
  readonly madeAt: number | undefined;
}

/**
 * The state that only this node knows: the sandboxes that run on it, and the devices by which Ports are attached. No
 * other part of the agent keeps a copy.
 */
export class LocalState {
  readonly node: string;
  /** By the runtime's uid of the pod: all pods with a network namespace of their own, since any may be told to join. */
  readonly sandboxes = new Map<string, Sandbox>();
  /** By key of the Port: the removal of its interface that is in progress. */
  readonly detaching = new Map<string, Promise<void>>();
  /** Keys of Ports whose interface came after a container of the pod had started. */
  readonly late = new Set<string>();
  readonly #interfaces = new Map<string, LocalInterface>();
  /** By key of the Port: the sandbox in which its interface is complete. */
  readonly #complete = new Map<string, Completed>();
  readonly #listeners = new Set<(portKey: string) => void>();

  constructor(node: string) {
    this.node = node;
  }

  /** The sandbox of a Port's pod. */
  sandboxOf(port: Port): Sandbox | undefined {
    const found = this.sandboxes.get(runtimeUidOf(port));
    return found && isPortOf(port, { ...found, uid: found.podUid }) ? found : undefined;
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

  completed(portKey: string, completed: Completed): void {
    const known = this.#complete.get(portKey);
    const madeAt = known?.sandboxId === completed.sandboxId ? known.madeAt : undefined;
    this.#complete.set(portKey, { ...completed, madeAt: completed.madeAt ?? madeAt });
  }

  isComplete(portKey: string, sandboxId: string): boolean {
    return this.#complete.get(portKey)?.sandboxId === sandboxId;
  }

  madeAt(portKey: string): number | undefined {
    return this.#complete.get(portKey)?.madeAt;
  }

  /** Marks the Port as leaving, for all later writes of the kernel's entries. */
  leaving(portKey: string, leaving: Leaving): void {
    const known = this.#interfaces.get(portKey);
    this.#complete.delete(portKey);
    if (known) this.#interfaces.set(portKey, { ...known, leaving });
  }

  detached(portKey: string): void {
    this.#complete.delete(portKey);
    this.late.delete(portKey);
    if (this.#interfaces.delete(portKey)) this.#emit(portKey);
  }

  /** Calls the listener for each Port that is attached or detached on this node. */
  subscribe(listener: (portKey: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #emit(portKey: string): void {
    for (const listener of this.#listeners) listener(portKey);
  }
}

/** The results of probes. */
export interface HealthView {
  /** Whether an instance of this node does not forward. */
  isDown(id: number): boolean;
  isUnreachable(node: string): boolean;
}

export interface FactSources {
  readonly local: LocalState;
  readonly stores: AgentStores;
  readonly health: HealthView;
}

/** The facts of this node for render. */
export function factsOf({ local, stores, health }: FactSources): Facts {
  // A cache: render asks for a VTEP at each Port of a network.
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
    // Unready (the kubelet's knowledge, no probe shows it) comes from the slice for every instance. Otherwise this node's
    // probes decide for its own instances; for others, their node's report in the slice and whether that node is reachable.
    isDown: ({ id, node, state }) => {
      const told = state ?? stateOf(stores, id);
      if (told === 'Unready') return true;
      return node === local.node ? health.isDown(id) : health.isUnreachable(node) || told === 'Down';
    },
  };
}

/** The state of an instance by any of its slices: all have the same state, or will have it in a moment. */
function stateOf(stores: AgentStores, id: number): ChainInstance['state'] {
  const [slice] = stores.slices.byIndex('instance', String(id));
  const instances = slice?.spec.hops?.flatMap((hop) => hop.instances) ?? [];
  return instances.find((instance) => instance.id === id)?.state;
}

/** The VTEP of a node, mapped: its address of the family of this node's first address, since both need the same family. */
function vtepOf(stores: AgentStores, own: string, node: string): Uint8Array | undefined {
  const addressesOfNode = (name: string) => addressesOf(stores.nodes.get(name)?.status.internalIPs);
  const family = addressesOfNode(own)[0]?.family ?? 4;
  const found = addressesOfNode(node).find((address) => address.family === family);
  return found && mappedBytes(found);
}
