// SPDX-License-Identifier: Apache-2.0
/** How large a cluster is measured, and how often. */
export interface Scenario {
  readonly name: string;
  readonly nodes: number;
  /** Networks besides the one that changes. Each has two Ports and a chain. */
  readonly otherNetworks: number;
  /** Ports of the network that changes; all are named by its chain. */
  readonly ports: number;
  /** Changes of each kind. */
  readonly changes: number;
}

/** The kinds of change that are timed, in the words of the report. */
export const changeKinds = {
  order: 'chain: order of its functions',
  classifier: 'chain: port of its classifier',
  priority: 'chain: priority',
  pod: 'a pod joins the network and its chain',
  ready: 'an instance of a firewall gets ready or unready',
} as const;
export type ChangeKind = keyof typeof changeKinds;

/** One change, from the request to the kernel of the last node concerned; in milliseconds. */
export interface Timing {
  readonly kind: ChangeKind;
  /** Until the first node had it in its maps: what a node takes that has a CPU for itself. */
  readonly first: number;
  /** Until the last one had. */
  readonly total: number;
  /** Until the first agent was told by the API server: what the operator and the API server took. */
  readonly told: number;
}

/** What a scenario measured. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly timings: readonly Timing[];
  /** Until every Port of the cluster was in the kernel of every node, from the first pod on; in seconds. */
  readonly setupSeconds: number;
  readonly operator: {
    /** Largest resident size so far, and the size at the end. */
    readonly peakMiB: number;
    readonly endMiB: number;
    /** How often it ended and was started again: it loses its lease on a machine that is out of breath. */
    readonly restarts: number;
    /** Of one change, the cost of doing nothing taken off. */
    readonly cpuMs: Readonly<Record<ChangeKind, number>>;
  };
}

/** A scenario that did not come to its end, and why. */
export interface Failure {
  readonly scenario: Scenario;
  readonly reason: string;
}
