// SPDX-License-Identifier: Apache-2.0
import type { ObjectMeta } from '../../../api/object-meta.ts';

// When the pod of a workload ends whose workload or namespace is being deleted. Its own grace period is as long as the
// longest drain, because it cannot follow an edit of `drainSeconds` without a restart. Two things follow from it:
//
// - The namespace controller looks again after half of the longest grace period of the pods that it finds (kubernetes:
//   pkg/controller/namespace/deletion, estimateGracefulTermination). It looks first 5 s after the deletion, so pods that
//   are gone by then cost no time.
// - A kubelet that has begun to stop a pod ignores a shorter grace period (kubernetes issue 83916). So whoever deletes
//   the pod first decides, and that must be the operator.

/** Seconds for the containers of a pod that nobody needs any more. */
const LAST_SECONDS = 5;

/** Seconds after the end of its grace period until an object is removed whose kubelet does not report the end. */
const OVERDUE_SECONDS = 10;

export interface EndFacts {
  readonly pod: {
    readonly metadata: Pick<ObjectMeta, 'deletionTimestamp' | 'deletionGracePeriodSeconds'>;
  };
  /** The workload or its namespace is being deleted or gone, and the pod is not kept on purpose. */
  readonly ends: boolean;
}

/** What is due for a pod: nothing, a look again later, or its deletion with a grace period. */
export type EndStep =
  | { readonly kind: 'Nothing' }
  | { readonly kind: 'Wait'; readonly ms: number }
  | { readonly kind: 'Delete'; readonly graceSeconds: number };

/** Pure: what is due for the pod of a workload at `now` (milliseconds since 1970). */
export function compileEnd({ pod, ends }: EndFacts, now: number): EndStep {
  if (!ends) return { kind: 'Nothing' };
  const { deletionTimestamp, deletionGracePeriodSeconds = Number.POSITIVE_INFINITY } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds > LAST_SECONDS)
    return { kind: 'Delete', graceSeconds: LAST_SECONDS };
  const overdue = Date.parse(deletionTimestamp) + OVERDUE_SECONDS * 1000;
  return now < overdue ? { kind: 'Wait', ms: overdue - now } : { kind: 'Delete', graceSeconds: 0 };
}
