// SPDX-License-Identifier: Apache-2.0
/** The result of one health check. */
export type CheckOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly message: string;
      /** No packet came back, so the path to the backend may be at fault. A refusal is an answer. */
      readonly silent?: boolean;
    };

/** The health of a backend, as far as its checks show it. */
export interface Health {
  /** Undefined until a check was answered, or enough checks have failed: such a backend takes no new flows. */
  readonly healthy: boolean | undefined;
  /** Number of consecutive checks whose result differs from `healthy`. */
  readonly against: number;
  /** When `healthy` last changed, in milliseconds since 1970. */
  readonly since: number;
  /** What the last check says, if it failed or does not count yet. */
  readonly message: string | undefined;
}

export interface Thresholds {
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
}

interface Circumstances {
  readonly thresholds: Thresholds;
  readonly now: number;
}

/** Pure: the health after one more check. */
export function judge(
  before: Health | undefined,
  outcome: CheckOutcome,
  circumstances: Circumstances,
): Health {
  return outcome.ok
    ? judgeSuccess(before, circumstances)
    : judgeFailure(before, outcome.message, circumstances);
}

/** Without an earlier result, the first success is enough: nobody has found the backend unhealthy. */
function judgeSuccess(before: Health | undefined, { thresholds, now }: Circumstances): Health {
  if (before?.healthy) return { ...before, against: 0, message: undefined };
  if (before?.healthy === undefined) return { healthy: true, against: 0, since: now, message: undefined };
  const against = before.against + 1;
  const { healthyAfter } = thresholds;
  if (against >= healthyAfter) return { healthy: true, against: 0, since: now, message: undefined };
  return { ...before, against, message: `answers again: ${against} of ${healthyAfter} checks` };
}

/**
 * A first failure alone says nothing, also without an earlier result: an instance that has just started would end the
 * flows that it took over from another one.
 */
function judgeFailure(
  before: Health | undefined,
  message: string,
  { thresholds, now }: Circumstances,
): Health {
  if (before?.healthy === false) return { ...before, against: 0, message };
  const against = (before?.against ?? 0) + 1;
  const { unhealthyAfter } = thresholds;
  if (against >= unhealthyAfter) return { healthy: false, against: 0, since: now, message };
  const said = `${against} of ${unhealthyAfter} checks failed: ${message}`;
  return { healthy: before?.healthy, against, since: before?.since ?? now, message: said };
}
