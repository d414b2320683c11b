// SPDX-License-Identifier: Apache-2.0
/** The size of a measured cluster, and the number of changes. */
export interface Scenario {
  readonly name: string;
  readonly nodes: number;
  /** Networks besides the one that changes. Each has two Ports and a chain. */
  readonly otherNetworks: number;
  /** Ports of the network that changes; its chain names all of them. */
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
  /** Time until the first node had the change in its maps: what a node with a free CPU needs. */
  readonly first: number;
  /** Time until the last node had the change. */
  readonly total: number;
  /** Time until the API server had sent the change to the first agent: what the operator and the API server need. */
  readonly told: number;
}

/** The measurements of a scenario. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly timings: readonly Timing[];
  /** Seconds from the first pod until every Port of the cluster was in the kernel of every node. */
  readonly setupSeconds: number;
  readonly operator: {
    /** Largest resident size so far, and the size at the end. */
    readonly peakMiB: number;
    readonly endMiB: number;
    /** How often it ended and was restarted: on an overloaded machine it loses its lease. */
    readonly restarts: number;
    /** CPU time for one change, less the load without changes. */
    readonly cpuMs: Readonly<Record<ChangeKind, number>>;
  };
}

/** A scenario that failed, and why. */
export interface Failure {
  readonly scenario: Scenario;
  readonly reason: string;
}
