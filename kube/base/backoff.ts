// SPDX-License-Identifier: Apache-2.0
/** How long to wait after the n-th failure in a row. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly factor?: number;
  /** Part of the delay that is random, 0..1; keeps many clients from coming back at the same moment. */
  readonly jitter?: number;
}

/** Pure: the delay before attempt `failures + 1`, with `random` in [0, 1). */
export function backoffDelay(options: BackoffOptions, failures: number, random: number): number {
  const factor = options.factor ?? 2;
  const jitter = options.jitter ?? 0.5;
  const full = Math.min(options.maxMs, options.firstMs * factor ** Math.max(0, failures - 1));
  return full * (1 - jitter * random);
}

/** A value spread over [ms, ms * (1 + part)). */
export function jittered(ms: number, part: number, random: number): number {
  return ms * (1 + part * random);
}

/** Counts failures in a row and says how long to wait. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: BackoffOptions, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** One more failure: the delay before the next attempt. */
  next(): number {
    this.#failures += 1;
    return backoffDelay(this.#options, this.#failures, this.#random());
  }

  /** It worked: the next failure is a first one again. */
  reset(): void {
    this.#failures = 0;
  }
}
