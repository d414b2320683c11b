// SPDX-License-Identifier: Apache-2.0
import { isUnreachable, type Reach } from './reach.ts';

/** What is known of one instance of a function: its pod, the Port of its `chain0`, and the report of its node. */
export interface InstanceFacts {
  readonly id: number;
  readonly pod: string;
  readonly node: string;
  /** Its share of new flows; 0 takes none. */
  readonly weight: number;
  /** The claim of the instance id holds. */
  readonly portAccepted: boolean;
  /** The node has the interface and the entries. */
  readonly portReady: boolean;
  /** The kubelet says that the function has its ruleset. */
  readonly podReady: boolean;
  /** Its function is safe with the flows that it has, ready or not. */
  readonly worksUnready: boolean;
  /** The pod is about to end. */
  readonly leaving: boolean;
  /** Its node's agent says that what goes into it does not come out. */
  readonly reportedDown: boolean;
}

/** What an instance does for one chain, and why not more. */
export type Standing =
  /** Takes new flows. `cutOffFrom`: nodes of the chain that cannot reach it, too few to take it away from all. */
  | { readonly kind: 'Serving'; readonly cutOffFrom: readonly string[] }
  /** Keeps its flows, takes no new ones: somebody gave it weight 0. */
  | { readonly kind: 'Weightless' }
  /** Keeps its flows, takes no new ones: its pod ends, or is not ready any more. */
  | { readonly kind: 'Draining'; readonly why: 'Leaving' | 'Unready' }
  /** Forwards nothing, or cannot be asked to. */
  | { readonly kind: 'Down'; readonly why: 'NotForwarding' | 'Unreachable' | 'Detached' }
  /** Its pod is not ready any more, and its function works only while it is: its flows go to others. */
  | { readonly kind: 'Unready' }
  /** Has never been ready, so no flow is with it. */
  | { readonly kind: 'Starting' };

/** An instance beside its standing. */
export interface Judged {
  readonly instance: InstanceFacts;
  readonly standing: Standing;
}

/** Judges one instance. `isListed`: the stored slice has it, so it was ready once and may have flows. */
export function judgeInstance(
  instance: InstanceFacts,
  context: { readonly isListed: boolean; readonly reach: Reach },
): Standing {
  const { portAccepted, portReady, podReady, leaving } = instance;
  const isComplete = portAccepted && portReady && podReady && !leaving;
  if (!portAccepted || !(isComplete || context.isListed)) return { kind: 'Starting' };
  if (!portReady) return { kind: 'Down', why: 'Detached' };
  if (instance.reportedDown) return { kind: 'Down', why: 'NotForwarding' };
  if (isUnreachable(instance.node, context.reach)) return { kind: 'Down', why: 'Unreachable' };
  if (!podReady && !leaving && !instance.worksUnready) return { kind: 'Unready' };
  if (!isComplete) return { kind: 'Draining', why: leaving ? 'Leaving' : 'Unready' };
  if (instance.weight === 0) return { kind: 'Weightless' };
  return { kind: 'Serving', cutOffFrom: context.reach.accusers(instance.node) };
}
