// SPDX-License-Identifier: Apache-2.0
import { type Condition, findCondition } from './conditions.ts';
import type { Port } from './objects.ts';

const REASONS: ReadonlySet<string> = new Set(['Evicted', 'NetworkDeleting']);

/**
 * The condition by which the operator takes a Port back whose pod goes on: its agent removes the interface and reports
 * that it is Detached, then the operator deletes the Port. Undefined for other Ports.
 */
export function withdrawalOf({ status }: Pick<Port, 'status'>): Condition | undefined {
  const accepted = findCondition(status?.conditions, 'Accepted');
  return accepted?.status === 'False' && REASONS.has(accepted.reason) ? accepted : undefined;
}
