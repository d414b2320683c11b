// SPDX-License-Identifier: Apache-2.0
import type { Condition } from '../../api/conditions.ts';
import { REASONS } from '../../api/reasons.ts';
import type { KubeObject } from '../../kube/object.ts';
import { type Finding, nameOf } from './world.ts';

/** How long the operator may take for its first status of an object before that is reported. */
const PATIENCE_MS = 15_000;

/** Reasons that only refer to another condition of the same object; that condition is reported instead. */
const DERIVED = new Set(['NotAccepted', 'NotResolved', 'NotProgrammed', 'NotCompiled']);

interface WithConditions extends KubeObject {
  readonly status?:
    | {
        readonly conditions?: readonly Condition[] | undefined;
        readonly observedGeneration?: number | undefined;
      }
    | undefined;
}

/** Pure: finds conditions of objects of one kind that are not as they should be. */
export function checkConditions(
  kind: string,
  objects: readonly WithConditions[],
  now: number,
): readonly Finding[] {
  return objects.flatMap((object) => [...checkSpoken(kind, object, now), ...checkSaid(kind, object)]);
}

function checkSpoken(kind: string, object: WithConditions, now: number): readonly Finding[] {
  const { creationTimestamp, generation } = object.metadata ?? {};
  const { conditions = [], observedGeneration } = object.status ?? {};
  const age = now - Date.parse(creationTimestamp ?? '');
  if (conditions.length === 0 && age > PATIENCE_MS) {
    return [
      problem(
        kind,
        object,
        `nobody has looked at it for ${Math.round(age / 1000)} s`,
        'See whether the operator is well.',
      ),
    ];
  }
  if (observedGeneration !== undefined && generation !== undefined && observedGeneration < generation) {
    const message = `its status speaks of generation ${observedGeneration}, it is at ${generation}`;
    const todo = 'Wait a moment; when it lasts, see whether the operator is well.';
    return [{ severity: 'Notice', object: nameOf(kind, object), message, todo }];
  }
  return [];
}

function checkSaid(kind: string, object: WithConditions): readonly Finding[] {
  const wrong = (object.status?.conditions ?? []).flatMap((condition) => {
    const todo = todoOf(kind, condition);
    return todo === undefined ? [] : [{ condition, todo }];
  });
  const first = wrong.filter(({ condition }) => !DERIVED.has(condition.reason));
  const speaking = first.length > 0 ? first : wrong.slice(0, 1);
  // Conditions depend on each other and may have the same message; each message is reported once.
  const once = new Map(speaking.map((each) => [each.condition.message, each]));
  return [...once.values()].map(({ condition, todo }) =>
    problem(kind, object, `${condition.type} (${condition.reason}): ${condition.message}`, todo),
  );
}

/** What to do about a condition; undefined when nothing is needed. An unknown reason is one of a newer operator. */
function todoOf(kind: string, { type, status, reason }: Condition): string | undefined {
  const row = REASONS.find(
    (each) => each.kind === kind && each.on === type && each.status === status && each.reason === reason,
  );
  if (row) return row.todo === '' ? undefined : row.todo;
  return status === 'True' ? undefined : '';
}

function problem(kind: string, object: KubeObject, message: string, todo: string): Finding {
  return { severity: 'Problem', object: nameOf(kind, object), message, todo };
}
