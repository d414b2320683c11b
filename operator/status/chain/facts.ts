// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from '../../../api/field-error.ts';
import type { Verdict } from '../../../api/reasons.ts';
import type { OutsideWay } from '../../compile/chain/outside.ts';
import type { Judged } from '../../compile/chain/standing.ts';
import type { Straight } from '../../compile/chain/straight.ts';

export type ChainVerdict = Verdict<'ServiceChain'>;

/** The facts from which the conditions of a chain are computed. */
export interface ChainStatusFacts {
  readonly namespace: string;
  readonly network: NetworkFacts;
  /** Objects that the chain names and that cannot be used, by field. */
  readonly problems: readonly FieldError[];
  readonly pathId: number | undefined;
  /** The path of clients outside; undefined if the chain has none. */
  readonly outsidePathId?: number | undefined;
  /** How it takes clients outside, for each load balancer with `expose`. */
  readonly outside?: readonly Pick<OutsideWay, 'balancer' | 'position' | 'kind'>[];
  /** The limit of its tenant that the chain would exceed. */
  readonly exceeded: LimitFacts | undefined;
  readonly hops: readonly HopStatusFacts[];
  /** Key of the chain of higher precedence that takes all flows of this one. */
  readonly shadowedBy: string | undefined;
  readonly establishedFlows: 'Through' | 'Straight';
  /** How established flows use the fast path; undefined when they do not. */
  readonly straight: Straight['kind'] | undefined;
  /** The API server's message when it refuses what nodes need of the chain. */
  readonly slicesRefusal?: string | undefined;
  /** The slices as they are stored now. */
  readonly slices: readonly SliceFacts[];
  readonly nodes: readonly NodeFacts[];
}

export interface LimitFacts {
  /** Name in the chart's `limits`. */
  readonly limit: 'chainsPerNamespace' | 'entriesPerNetwork';
  readonly most: number;
  /** What there would be with the whole chain, at least. */
  readonly wanted: number;
}

export type NetworkFacts = { readonly name: string } & (
  | { readonly state: 'Missing' }
  | { readonly state: 'NotAccepted' }
  | { readonly state: 'Usable' }
);

export interface HopStatusFacts {
  readonly kind: string;
  readonly name: string;
  /** The function in short form: `fw/edge`. */
  readonly label: string;
  readonly onFailure: 'Closed' | 'Open';
  readonly found: boolean;
  readonly desired: number;
  /**
   * Whether the function only judges the first packets of a flow. True for a missing function, which prevents no fast
   * path.
   */
  readonly judgesBeginnings: boolean;
  readonly drainsAddresses?: boolean | undefined;
  /** The instances of the function, with their standing in this chain. */
  readonly judged: readonly Judged[];
}

export interface SliceFacts {
  /** Key of the slice as in NodeReports: `namespace/name`. */
  readonly key: string;
  readonly generation: number;
}

/** A node that must have the chain in its kernel. */
export interface NodeFacts {
  readonly name: string;
  /** Generations of the slices that the node reports; absent when there is no report. */
  readonly reported: Readonly<Record<string, number>> | undefined;
  /** The other nodes cannot reach this node. Its missing reports then delay no condition. */
  readonly isAway: boolean;
  /** Its agent's own reason why the node may lack something. */
  readonly complaint?: string | undefined;
}
