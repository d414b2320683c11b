// SPDX-License-Identifier: Apache-2.0
/** What one check met. */
export type CheckOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly message: string;
      /** Nothing came back: it may be the way there that is to blame. A refusal is an answer. */
      readonly silent?: boolean;
    };

/** What is known of a backend by its checks. */
export interface Health {
  /** Undefined until a check has ended: a backend that nobody has asked yet takes no flows. */
  readonly healthy: boolean | undefined;
  /** Checks in a row that said otherwise. */
  readonly against: number;
  /** When `healthy` last changed, in milliseconds since 1970. */
  readonly since: number;
  /** What the last failed check met. */
  readonly message: string | undefined;
}

export interface Thresholds {
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
}

/** Pure: what is known after one more check. The first one decides alone: there is nothing yet to hold on to. */
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
