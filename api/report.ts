// SPDX-License-Identifier: Apache-2.0
/** What every program of ours says of itself at `GET /report`. */
export interface ReportedState {
  /** `metadata.generation` of the resource whose rules are in the kernel. */
  readonly generation: number;
  /** Hash of the selected pods and sets that are applied. */
  readonly inputs: string;
  /** Why the newest generation or its inputs could not be applied; the last good ones stay in the kernel. */
  readonly error: { readonly field: string; readonly message: string } | null;
}

/** What an instance of a function says. */
export interface InstanceReport extends ReportedState {
  /** Of firewalls; none of other kinds. */
  readonly rules: readonly RuleCount[];
  /** Packets logged. */
  readonly logged: number;
  /** Of load balancers; absent of other kinds. */
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
  /** When that last changed; absent where it never did. */
  readonly since?: string | undefined;
  readonly message?: string | undefined;
}

/** What one rule has taken since the instance began. */
export interface RuleCount {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
}
