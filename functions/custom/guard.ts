// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '../../kube/base/log.ts';

/** An image that begins with `flush ruleset` is without our tables for no longer than this. */
const LOOK_MS = 1000;

export interface Guard {
  /** Work on our tables, one at a time: nobody takes one that is being replaced for one that is gone. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** Looks again and again whether our tables are there; `mend` puts them back, and answers whether it had to. */
export function startGuard(mend: () => Promise<boolean>, log: Logger): Guard {
  let turn: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => void look(), LOOK_MS);
  return { inTurn, stop: () => clearInterval(timer) };

  async function look(): Promise<void> {
    try {
      if (!(await inTurn(mend))) return;
      log.error('our tables were gone and are back: the image must not flush the whole ruleset');
    } catch (error) {
      log.warn({ error }, 'our tables cannot be looked at, trying again');
    }
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }
}
