// SPDX-License-Identifier: Apache-2.0
/** What a firewall says of the first packet of a flow at `GET /verdict`. */
export interface FirewallVerdict {
  /** `metadata.generation` of the rules that were asked: those in the kernel. */
  readonly generation: number;
  readonly action: 'Accept' | 'Drop' | 'Reject';
  readonly by: VerdictSource;
  /**
   * Rules with a rate that match too: what the packet meets depends on how many came before it. Each says what it does
   * with packets within its rate; those beyond go on, in this order, and the last meet `action`.
   */
  readonly rated: readonly RatedRule[];
  /** The packet is an answer, and the firewall is stateful: it passes because the flow that it answers does. */
  readonly established: boolean;
}

export type VerdictSource =
  | { readonly kind: 'Rule'; readonly name: string }
  | { readonly kind: 'Default' }
  /** Stateful: it belongs to no flow and cannot open one (an echo reply that nobody asked for). */
  | { readonly kind: 'Invalid' };

export interface RatedRule {
  readonly name: string;
  readonly action: 'Accept' | 'Drop' | 'Reject';
  readonly perSecond: number;
  readonly burst: number;
  readonly per: 'Rule' | 'Source';
}
