// SPDX-License-Identifier: Apache-2.0
/** The answer of all our programs to `GET /report`. */
export interface ReportedState {
  /** `metadata.generation` of the resource whose rules are in the kernel. */
  readonly generation: number;
  /** Hash of the applied selected pods and sets. */
  readonly inputs: string;
  /** Why the newest generation or its inputs could not be applied; the kernel keeps the last valid ones. */
  readonly error: { readonly field: string; readonly message: string } | null;
}

/** The report of an instance of a function. */
export interface InstanceReport extends ReportedState {
  /** Counts of rules. Only firewalls have some. */
  readonly rules: readonly RuleCount[];
  /** Number of logged packets. */
  readonly logged: number;
  /** Sets of a firewall whose lists are in force as their ConfigMaps are now. Absent for all other kinds. */
  readonly lists?: readonly string[] | undefined;
  /** Backends. Absent for all kinds but load balancers. */
  readonly backends?: readonly BackendReport[] | undefined;
}

/** A backend as one instance sees it. */
export interface BackendReport {
  readonly address: string;
  readonly pod?: string | undefined;
  readonly weight: number;
  /** Whether it takes new flows. */
  readonly healthy: boolean;
  readonly reason: string;
  /** Time of the last change of `healthy`; absent when there was none. */
  readonly since?: string | undefined;
  readonly message?: string | undefined;
}

/** The counters of one rule since the instance started. */
export interface RuleCount {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
}
