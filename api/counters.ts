// SPDX-License-Identifier: Apache-2.0
/** The answer of an agent to `GET /counters`: the counters of its node's kernel since the data path was loaded. */
export interface NodeCounters {
  readonly node: string;
  /** Drops by reason; reasons without any are left out. */
  readonly drops: Readonly<Record<string, number>>;
  readonly hops: readonly HopCounters[];
  /**
   * Instances of this node that its kernel gives no packets, because they do not forward or have not proved yet that
   * they do. An older agent leaves this field out.
   */
  readonly down?: readonly number[] | undefined;
}

/**
 * Counters of one hop of one chain on this node: packets that it delivered to an instance of the hop, or dropped
 * there.
 */
export interface HopCounters {
  readonly namespace: string;
  readonly chain: string;
  /** Position from 0, in the order of the chain's functions. */
  readonly position: number;
  /** Kind and name of the function: `Firewall/edge`. */
  readonly function: string;
  readonly forward: Traffic;
  readonly reply: Traffic;
  /** Drops by reason. */
  readonly drops: Readonly<Record<string, number>>;
}

export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}
