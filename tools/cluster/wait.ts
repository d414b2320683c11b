// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/**
 * Calls a function repeatedly until its answer is neither undefined, nor false, nor an error. When the time is over,
 * the error has the last answer or the last failure.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions = {},
): Promise<T> {
  const timeout = options.timeoutMs ?? 60_000;
  const started = performance.now();
  let last = 'the answer was no';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = 'the answer was no';
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() - started > timeout) {
      throw new Error(`not within ${Math.round(timeout / 1000)} s: ${what}\nlast: ${last}`);
    }
    await sleep(options.intervalMs ?? 100);
  }
}

/** Checks that a condition stays true for a while. */
export async function holds(
  what: string,
  ask: () => Promise<boolean> | boolean,
  options: { readonly forMs: number; readonly intervalMs?: number },
): Promise<void> {
  const started = performance.now();
  while (performance.now() - started < options.forMs) {
    if (!(await ask())) {
      throw new Error(`${what}: no longer after ${Math.round(performance.now() - started)} ms`);
    }
    await sleep(options.intervalMs ?? 200);
  }
}
