// SPDX-License-Identifier: Apache-2.0
import { uptime } from 'node:os';
import { performance } from 'node:perf_hooks';

/** Clock is time as an argument, so that code with delays can be tested without waiting. */
export interface Clock {
  /** Milliseconds since 1970; may jump. For timestamps that users read. */
  now(): number;
  /** Milliseconds that never go back. For intervals. */
  monotonic(): number;
  /** Like monotonic, and it also counts while the machine is suspended. For leases. */
  sinceBoot(): number;
  /** Runs `task` once after `ms`; the returned function cancels it. */
  after(ms: number, task: () => void): () => void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sinceBoot: () => uptime() * 1000,
  after: (ms, task) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or at once when the signal is aborted; never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(ms, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
