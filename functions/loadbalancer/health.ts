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
  /** Undefined until a check has ended: a backend that was never checked takes no flows. */
  readonly healthy: boolean | undefined;
  /** Number of consecutive checks whose result differs from `healthy`. */
  readonly against: number;
  /** When `healthy` last changed, in milliseconds since 1970. */
  readonly since: number;
  /** The error of the last failed check. */
  readonly message: string | undefined;
}

export interface Thresholds {
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
}

/** Pure: the health after one more check. The first check decides alone, since there is no earlier result. */
export function judge(
  before: Health | undefined,
  outcome: CheckOutcome,
  { thresholds, now }: { readonly thresholds: Thresholds; readonly now: number },
): Health {
  const message = outcome.ok ? undefined : outcome.message;
  if (before?.healthy === undefined) return { healthy: outcome.ok, against: 0, since: now, message };
  if (before.healthy === outcome.ok) return { ...before, against: 0, message: message ?? before.message };
  const against = before.against + 1;
  const needed = outcome.ok ? thresholds.healthyAfter : thresholds.unhealthyAfter;
  if (against < needed) return { ...before, against, message: message ?? before.message };
  return { healthy: outcome.ok, against: 0, since: now, message };
}
