// SPDX-License-Identifier: Apache-2.0
/** What an agent says at `GET /counters`: what its node's kernel has counted since the data path was loaded. */
export interface NodeCounters {
  readonly node: string;
  /** Drops by reason; reasons without any are left out. */
  readonly drops: Readonly<Record<string, number>>;
  readonly hops: readonly HopCounters[];
  /** Instances of this node that its kernel gives no packets: they do not forward, or have not shown yet that they do. An older agent leaves it out. */
  readonly down?: readonly number[] | undefined;
}

/** One hop of one chain, as far as this node brought packets to an instance of it or dropped them there. */
export interface HopCounters {
  readonly namespace: string;
  readonly chain: string;
  /** From 0, in the order of the chain's functions. */
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
