// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '../../kube/base/log.ts';

/** How often our tables are checked. An image that begins with `flush ruleset` removes them for no longer than this. */
const LOOK_MS = 1000;

export interface Guard {
  /** Runs work on our tables, one at a time, so that a table that is being replaced is not taken for a missing one. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** Checks our tables periodically; `mend` restores them if they are missing, and returns whether it had to. */
export function startGuard(mend: () => Promise<boolean>, log: Logger): Guard {
  let turn: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => void look(), LOOK_MS);
  return { inTurn, stop: () => clearInterval(timer) };

  async function look(): Promise<void> {
    try {
      if (!(await inTurn(mend))) return;
      log.error(
        'our nftables tables were missing and were restored: the image must not flush the whole ruleset',
      );
    } catch (error) {
      log.warn({ error }, 'our nftables tables could not be checked, trying again');
    }
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }
}
