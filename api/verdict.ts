// SPDX-License-Identifier: Apache-2.0
/** The answer of a firewall to `GET /verdict` about the first packet of a flow. */
export interface FirewallVerdict {
  /** `metadata.generation` of the rules in the kernel, which gave the verdict. */
  readonly generation: number;
  readonly action: 'Accept' | 'Drop' | 'Reject';
  readonly by: VerdictSource;
  /**
   * Matching rules with a rate, whose verdict depends on how many packets came before. Each has the action for
   * packets within its rate. Packets beyond it go on to the next of these rules, and finally to `action`.
   */
  readonly rated: readonly RatedRule[];
  /** The packet is a reply, and the firewall is stateful: it passes because its flow was accepted. */
  readonly established: boolean;
}

export type VerdictSource =
  | { readonly kind: 'Rule'; readonly name: string }
  | { readonly kind: 'Default' }
  /**
   * The firewall is stateful, and the packet belongs to no flow and cannot open one (such as an echo reply without a
   * request).
   */
  | { readonly kind: 'Invalid' };

export interface RatedRule {
  readonly name: string;
  readonly action: 'Accept' | 'Drop' | 'Reject';
  readonly perSecond: number;
  readonly burst: number;
  readonly per: 'Rule' | 'Source';
}
