// SPDX-License-Identifier: Apache-2.0
import { findCondition } from '../../api/conditions.ts';
import type { NodeReport } from '../../api/index.ts';

/** Why a node may lack something, in a word of its own agent; undefined when that has nothing to complain of. */
export function complaintOf(report: NodeReport | undefined): string | undefined {
  if (!report) return 'no report';
  const ready = findCondition(report.status?.conditions, 'Ready');
  return ready?.status === 'False' ? `${ready.reason}: see its NodeReport` : undefined;
}

/** A node as a message about what it lacks names it. */
export function describeNode(name: string, complaint: string | undefined): string {
  return complaint === undefined ? name : `${name} (${complaint})`;
}
