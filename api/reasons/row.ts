// SPDX-License-Identifier: Apache-2.0
/** One reason of the registry, as a condition or an Event of one kind carries it. */
export interface Row {
  /** Kind of the object that carries the condition or that the Event is about. */
  readonly kind: string;
  /** Where it is seen: the condition's type, or `Event`. */
  readonly on:
    | 'Accepted'
    | 'ResolvedRefs'
    | 'Programmed'
    | 'Ready'
    | 'Shadowed'
    | 'Straight'
    | 'Exposed'
    | 'Event';
  /** The condition's status, or the Event's type. */
  readonly status: 'True' | 'False' | 'Unknown' | 'Normal' | 'Warning';
  readonly reason: string;
  readonly means: string;
  /** What a person does about it; empty when nothing is wrong. */
  readonly todo: string;
}
