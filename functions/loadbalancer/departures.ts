// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../../kube/base/clock.ts';

interface Departure<T> {
  readonly thing: T;
  /** When it was removed, by the monotonic clock. */
  readonly since: number;
  cancel: () => void;
}

/** Departures keeps what an edit has removed, and ends each a while after its removal, unless it comes back. */
export class Departures<T> {
  readonly #clock: Clock;
  readonly #onGone: (thing: T) => void;
  readonly #leaving = new Map<string, Departure<T>>();

  constructor(options: { readonly clock: Clock; readonly onGone: (thing: T) => void }) {
    this.#clock = options.clock;
    this.#onGone = options.onGone;
  }

  /** It was removed now. Of what leaves already, the first time counts. */
  leave(key: string, thing: T): void {
    if (this.#leaving.has(key)) return;
    this.#leaving.set(key, { thing, since: this.#clock.monotonic(), cancel: () => undefined });
  }

  /** It has come back, or ends at once by other means. */
  stay(key: string): void {
    this.#leaving.get(key)?.cancel();
    this.#leaving.delete(key);
  }

  /** Sets how long after its removal each ends, also of those that left before: the time may have been edited. */
  endAfter(ms: number): void {
    for (const [key, departure] of this.#leaving) {
      departure.cancel();
      const leftMs = Math.max(0, departure.since + ms - this.#clock.monotonic());
      departure.cancel = this.#clock.after(leftMs, () => {
        this.#leaving.delete(key);
        this.#onGone(departure.thing);
      });
    }
  }

  stop(): void {
    for (const key of [...this.#leaving.keys()]) this.stay(key);
  }
}
