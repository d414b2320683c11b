// SPDX-License-Identifier: Apache-2.0
/** One reason of the registry, as a condition or an Event of one kind carries it. */
export interface Row {
  /** Kind of the object that carries the condition or that the Event is about. */
  readonly kind: string;
  /** Where the reason occurs: the condition's type, or `Event`. */
  readonly on:
    | 'Accepted'
    | 'Admitted'
    | 'ResolvedRefs'
    | 'Programmed'
    | 'Ready'
    | 'Routed'
    | 'Shadowed'
    | 'Straight'
    | 'Exposed'
    | 'FlowsInBudget'
    | 'DnsRouted'
    | 'FileCurrent'
    | 'FilesCurrent'
    | 'PodsAttached'
    | 'Event';
  /** The condition's status, or the Event's type. */
  readonly status: 'True' | 'False' | 'Unknown' | 'Normal' | 'Warning';
  readonly reason: string;
  readonly means: string;
  /** What the user should do; empty when nothing is wrong. */
  readonly todo: string;
}
