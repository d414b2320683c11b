// SPDX-License-Identifier: Apache-2.0
import type { Clock } from './clock.ts';

/** A signal that is aborted by time or by another signal. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Time was the reason. */
  readonly passed: boolean;
  /** Begins the time anew. */
  extend(): void;
  /** Lets go of the timer and of the other signal; must be called in the end. */
  end(): void;
}

/**
 * AbortSignal.any and AbortSignal.timeout leave something behind on a signal that lives as long as the process, and
 * a timer for each request: with many requests each one is slower than the one before. This leaves nothing.
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
