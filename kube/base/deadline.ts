// SPDX-License-Identifier: Apache-2.0
import type { Clock } from './clock.ts';

/** A signal that is aborted by a timeout or by another signal. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether the timeout aborted it. */
  readonly passed: boolean;
  /** Starts the timeout again. */
  extend(): void;
  /** Releases the timer and the other signal. Every deadline must be ended. */
  end(): void;
}

/**
 * Starts a deadline. AbortSignal.any and AbortSignal.timeout leave a listener or a timer for each request on a signal
 * that lives as long as the process; with many requests each one gets slower. A deadline leaves nothing behind.
 */
export function startDeadline(clock: Clock, ms: number, outer?: AbortSignal): Deadline {
  const inner = new AbortController();
  let passed = false;
  const stop = (): void => inner.abort(outer?.reason);
  const expire = (): void => {
    passed = true;
    inner.abort();
  };
  if (outer?.aborted) stop();
  outer?.addEventListener('abort', stop, { once: true });
  let cancel = clock.after(ms, expire);
  return {
    signal: inner.signal,
    get passed() {
      return passed;
    },
    extend: () => {
      cancel();
      cancel = clock.after(ms, expire);
    },
    end: () => {
      cancel();
      outer?.removeEventListener('abort', stop);
    },
  };
}
