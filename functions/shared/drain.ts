// SPDX-License-Identifier: Apache-2.0
import { type Clock, sleep } from '../../kube/base/clock.ts';
import type { Logger } from '../../kube/base/log.ts';

/** Why a drain ended. */
export type DrainEnd =
  /** The last flow has ended. */
  | 'Empty'
  /** `drainSeconds` are over. */
  | 'Deadline'
  /** The function itself is deleted, so no flow goes through it any more. */
  | 'Deleted'
  /** The process received a second signal to end. */
  | 'Told';

export interface DrainOptions {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  /** Called repeatedly, so that an edit takes effect; undefined when the function is deleted. */
  readonly drainSeconds: () => number | undefined;
  readonly hasLiveFlows: () => Promise<boolean>;
  /** Aborting it ends the drain at once. */
  readonly signal: AbortSignal;
}

/**
 * The shortest drain. Nodes learn that a pod terminates when its instance does, and have sent it new flows by then. So
 * an instance without flows stays for this time too.
 */
const LEAST_MS = 3000;
const LOOK_MS = 250;

/** Waits for as long as a terminating instance should stay. The caller goes on serving meanwhile. */
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

  // An instance that cannot count its flows must assume that it has some.
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
