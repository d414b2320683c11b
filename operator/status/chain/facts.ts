// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from '../../../api/field-error.ts';
import type { Verdict } from '../../../api/reasons.ts';
import type { Judged } from '../../compile/chain/standing.ts';
import type { Straight } from '../../compile/chain/straight.ts';

export type ChainVerdict = Verdict<'ServiceChain'>;

/** All that the conditions of a chain are concluded from. */
export interface ChainStatusFacts {
  readonly namespace: string;
  readonly network: NetworkFacts;
  /** What it names and cannot be used, by field. */
  readonly problems: readonly FieldError[];
  readonly pathId: number | undefined;
  readonly hops: readonly HopStatusFacts[];
  /** Key of the chain of higher precedence that takes all flows of this one. */
  readonly shadowedBy: string | undefined;
  readonly establishedFlows: 'Through' | 'Straight';
  /** How they go straight; undefined: they do not. */
  readonly straight: Straight['kind'] | undefined;
  /** The slices as they are stored now. */
  readonly slices: readonly SliceFacts[];
  readonly nodes: readonly NodeFacts[];
}

export type NetworkFacts = { readonly name: string } & (
  | { readonly state: 'Missing' }
  | { readonly state: 'NotAccepted' }
  | { readonly state: 'Usable' }
);

export interface HopStatusFacts {
  readonly kind: string;
  readonly name: string;
  /** How a person reads it in one word: `fw/edge`. */
  readonly label: string;
  readonly onFailure: 'Closed' | 'Open';
  readonly found: boolean;
  readonly desired: number;
  /** Whether it only judges how a flow begins; one that is missing hinders nothing. */
  readonly judgesBeginnings: boolean;
  /** Its instances and what each does for this chain. */
  readonly judged: readonly Judged[];
}

export interface SliceFacts {
  /** As in the report of a node: `namespace/name`. */
  readonly key: string;
  readonly generation: number;
}

/** A node that must have the chain in its kernel. */
export interface NodeFacts {
  readonly name: string;
  /** Generations of the slices that it reports; absent when there is no report of it at all. */
  readonly reported: Readonly<Record<string, number>> | undefined;
  /** The others cannot reach it. What it has not reported then holds up nobody. */
  readonly isAway: boolean;
  /** What its own agent says of why it may lack something. */
  readonly complaint?: string | undefined;
}
