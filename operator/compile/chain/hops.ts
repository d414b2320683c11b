import type { FunctionRef, Hop, HopInstance } from './types.ts';

/** What is known of one instance of a function: its pod and the Port of its `chain0`. */
export interface InstanceFacts {
  readonly id: number;
  readonly node: string;
  /** The claim of the instance id holds. */
  readonly portAccepted: boolean;
  /** The node has the interface and the entries. */
  readonly portReady: boolean;
  /** The kubelet says that the function has its ruleset. */
  readonly podReady: boolean;
  /** The pod drains: flows that it has may stay, new ones go elsewhere. */
  readonly leaving: boolean;
}

/** One function of a chain beside what exists of it. */
export interface HopFacts {
  readonly ref: FunctionRef;
  /** Absent: there is no such object, or its kind is not one that chains can name. */
  readonly found: { readonly desired: number } | undefined;
  readonly instances: readonly InstanceFacts[];
}

/** The hop as nodes need it. A hop whose function is missing stays, without instances: `onFailure` applies. */
export function compileHop(facts: HopFacts): Hop {
  return {
    kind: facts.ref.kind,
    name: facts.ref.name,
    onFailure: facts.ref.onFailure,
    instances: facts.found ? readyInstances(facts.instances) : [],
  };
}

function readyInstances(instances: readonly InstanceFacts[]): HopInstance[] {
  return instances
    .filter((i) => i.portAccepted && i.portReady && i.podReady && !i.leaving)
    .map(({ id, node }) => ({ id, node }))
    .sort((a, b) => a.id - b.id);
}
