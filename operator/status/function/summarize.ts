// SPDX-License-Identifier: Apache-2.0
import { type Condition, renderConditions } from '../../../api/conditions.ts';
import { countInstances } from '../workload/instances.ts';
import { checkFunction } from './checks.ts';
import type { FunctionStatusFacts } from './facts.ts';

/** The status fields of every function; each kind adds its details. */
export interface FunctionStatus {
  readonly observedGeneration?: number | undefined;
  readonly replicas?: number | undefined;
  readonly readyReplicas?: number | undefined;
  readonly selector?: string | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}

/** Computes the status of a function. */
export function summarizeFunction<Details extends object>(options: {
  readonly facts: FunctionStatusFacts;
  readonly details: Details;
  readonly previous: readonly Condition[] | undefined;
  readonly now: Date;
}): FunctionStatus & Details {
  const { facts, details, previous, now } = options;
  return {
    observedGeneration: facts.generation,
    ...countInstances(facts.instances),
    selector: facts.selector,
    ...details,
    conditions: renderConditions({
      kind: facts.kind,
      verdicts: checkFunction(facts),
      previous,
      generation: facts.generation,
      now,
    }),
  };
}

/** Whether two statuses differ in more than packet counters. `lasting` returns the details without counters. */
export function differsBeyondCounters<Status extends FunctionStatus>(
  a: Status | undefined,
  b: Status,
  lasting: (status: Status | undefined) => unknown,
): boolean {
  return JSON.stringify([withoutDetails(a), lasting(a)]) !== JSON.stringify([withoutDetails(b), lasting(b)]);
}

function withoutDetails(status: FunctionStatus | undefined): unknown {
  const conditions = (status?.conditions ?? []).map((c) => [
    c.type,
    c.status,
    c.reason,
    c.message,
    c.observedGeneration,
    c.lastTransitionTime,
  ]);
  return [status?.observedGeneration, status?.replicas, status?.readyReplicas, status?.selector, conditions];
}
