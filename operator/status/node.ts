// SPDX-License-Identifier: Apache-2.0
import { findCondition } from '../../api/conditions.ts';
import type { NodeReport } from '../../api/index.ts';

/** Why a node may lack something, from its agent's report; undefined when the agent reports no problem. */
export function complaintOf(report: NodeReport | undefined): string | undefined {
  if (!report) return 'no report';
  const ready = findCondition(report.status?.conditions, 'Ready');
  return ready?.status === 'False' ? `${ready.reason}: see its NodeReport` : undefined;
}

/** The name of a node, with its complaint if there is one, for messages about what it lacks. */
export function describeNode(name: string, complaint: string | undefined): string {
  return complaint === undefined ? name : `${name} (${complaint})`;
}
