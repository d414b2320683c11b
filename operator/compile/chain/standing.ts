// SPDX-License-Identifier: Apache-2.0
import { isUnreachable, type Reach } from './reach.ts';

/** The facts about one instance of a function: its pod, the Port of its `chain0`, and the report of its node. */
export interface InstanceFacts {
  readonly id: number;
  readonly pod: string;
  readonly node: string;
  /** Share of new flows. An instance with 0 gets none. */
  readonly weight: number;
  /** The Port is Accepted: its claim of the instance id is valid. */
  readonly portAccepted: boolean;
  /** The Port is Ready: the node has the interface and the map entries. */
  readonly portReady: boolean;
  /** The pod is Ready: the function has its ruleset. */
  readonly podReady: boolean;
  /** The function still handles its pinned flows correctly while its pod is not ready. */
  readonly worksUnready: boolean;
  /** The pod is terminating. */
  readonly leaving: boolean;
  /** The agent of its node reports that probes do not pass through the instance. */
  readonly reportedDown: boolean;
}

/** What an instance does for one chain, and the reason when it takes no new flows. */
export type Standing =
  /** Takes new flows. `cutOffFrom`: the nodes of the chain that cannot reach it, too few to count it as unreachable. */
  | { readonly kind: 'Serving'; readonly cutOffFrom: readonly string[] }
  /** Keeps its flows and takes no new ones, because its weight is 0. */
  | { readonly kind: 'Weightless' }
  /** Drains: keeps its flows and takes no new ones, because its pod is terminating or no longer ready. */
  | { readonly kind: 'Draining'; readonly why: 'Leaving' | 'Unready' }
  /** Does not forward packets, or cannot be reached. */
  | { readonly kind: 'Down'; readonly why: 'NotForwarding' | 'Unreachable' | 'Detached' }
  /** Its pod is no longer ready, and its function works only in a ready pod. Its flows move to other instances. */
  | { readonly kind: 'Unready' }
  /** Has never been ready, so it has no flows. */
  | { readonly kind: 'Starting' };

/** An instance and its standing. */
export interface Judged {
  readonly instance: InstanceFacts;
  readonly standing: Standing;
}

/** Judges one instance. `isListed`: the stored slice has the instance, so it was ready before and may have flows. */
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
