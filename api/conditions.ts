// SPDX-License-Identifier: Apache-2.0
import type { Condition } from './generated/types.ts';
import type { ReasonKind, Verdict } from './reasons.ts';

export type { Condition };
export type ConditionStatus = Condition['status'];

/**
 * Renders verdicts as conditions. `lastTransitionTime` stays when the status of a condition stays, so that equal
 * input gives an equal status and no write. Conditions of other owners (a Port's `Ready` is the agent's) are not in
 * the result: with server-side apply each owner lists its own.
 */
export function renderConditions<K extends ReasonKind>(options: {
  readonly kind: K;
  readonly verdicts: readonly Verdict<K>[];
  readonly previous: readonly Condition[] | undefined;
  /** Generation of the object that the verdicts are about; absent when it has no spec. */
  readonly generation?: number | undefined;
  readonly now: Date;
}): Condition[] {
  const observed = options.generation === undefined ? {} : { observedGeneration: options.generation };
  return (options.verdicts as readonly Verdict<ReasonKind>[]).map((verdict) => {
    const before = options.previous?.find((c) => c.type === verdict.type);
    return {
      type: verdict.type,
      status: verdict.status,
      reason: verdict.reason,
      message: limitMessage(verdict.message),
      ...observed,
      lastTransitionTime:
        before?.status === verdict.status ? before.lastTransitionTime : renderTime(options.now),
    };
  });
}

/** Finds the condition of a type, if the object has it. */
export function findCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of a type exists and is True. It works for Kubernetes' own objects too. */
export function isTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * A time in the form of meta/v1 Time: whole seconds. The API server would cut fractions, and the value would look
 * changed.
 */
export function renderTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** The first names of a list for a message, and how many more there are. */
export function nameSome(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** Cuts a message to the length that the schema allows. The API server would refuse a status with a longer one. */
export function limitMessage(message: string): string {
  return message.length > 4096 ? `${message.slice(0, 4095)}…` : message;
}
