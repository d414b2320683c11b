// SPDX-License-Identifier: Apache-2.0
import { type Clock, sleep } from '../../kube/base/clock.ts';
import type { Logger } from '../../kube/base/log.ts';

/** Why a drain ended. */
export type DrainEnd =
  /** The last flow has ended. */
  | 'Empty'
  /** `drainSeconds` are over. */
  | 'Deadline'
  /** The function itself is deleted: nobody's flows are to go through it any more. */
  | 'Deleted'
  /** Somebody is in a hurry. */
  | 'Told';

export interface DrainOptions {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  /** Asked again and again, so that an edit counts; undefined when the function is deleted. */
  readonly drainSeconds: () => number | undefined;
  readonly hasLiveFlows: () => Promise<boolean>;
  /** Aborted: end now. */
  readonly signal: AbortSignal;
}

/**
 * Nodes hear of the end of a pod when the instance does, and by then have new flows on their way to it. So an empty
 * instance stays a little too.
 */
const LEAST_MS = 3000;
const LOOK_MS = 250;

/** Waits for as long as an instance that is to go should stay. The caller goes on serving meanwhile. */
export async function drain(options: DrainOptions): Promise<DrainEnd> {
  const { clock, signal } = options;
  const since = clock.monotonic();
  let failed = false;
  for (;;) {
    if (signal.aborted) return 'Told';
    const seconds = options.drainSeconds();
    if (seconds === undefined) return 'Deleted';
    const left = seconds * 1000 - (clock.monotonic() - since);
    if (left <= 0) return 'Deadline';
    if (clock.monotonic() - since >= LEAST_MS && !(await isBusy())) return 'Empty';
    await sleep(clock, Math.min(LOOK_MS, left), signal);
  }

  // Whoever cannot count flows must think that there are some.
  async function isBusy(): Promise<boolean> {
    try {
      return await options.hasLiveFlows();
    } catch (error) {
      if (!failed)
        options.log.warn({ error }, 'flows cannot be counted; staying until drainSeconds are over');
      failed = true;
      return true;
    }
  }
}
