// SPDX-License-Identifier: Apache-2.0
import { annotations, DEFAULT_WEIGHT, parseWeight } from '../../../api/index.ts';
import type { Remark } from '../../../api/reasons.ts';
import type { PodInput } from './types.ts';

/**
 * Remarks about an invalid weight of an instance. It prevents nothing. On pods that are no instances the operator
 * does not check the annotation.
 */
export function weightNotes({ pod, instanceOf }: PodInput): Remark<'Pod'>[] {
  if (instanceOf.kind !== 'Function') return [];
  const parsed = parseWeight(pod.metadata.annotations[annotations.weight]);
  if (parsed.ok) return [];
  const message = `annotation ${annotations.weight} of pod ${pod.metadata.namespace}/${pod.metadata.name}: ${parsed.complaint.message}; the instance counts with ${DEFAULT_WEIGHT} until it is corrected or removed`;
  return [{ type: 'Warning', reason: 'InvalidWeight', message }];
}
