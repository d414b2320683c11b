// SPDX-License-Identifier: Apache-2.0
/** The delays after a number of failures in a row. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly factor?: number;
  /** Random part of the delay, 0..1. It keeps many clients from coming back at the same moment. */
  readonly jitter?: number;
}

/** Pure: the delay before attempt `failures + 1`, with `random` in [0, 1). */
export function backoffDelay(options: BackoffOptions, failures: number, random: number): number {
  const factor = options.factor ?? 2;
  const jitter = options.jitter ?? 0.5;
  const full = Math.min(options.maxMs, options.firstMs * factor ** Math.max(0, failures - 1));
  return full * (1 - jitter * random);
}

/** A random value in [ms, ms * (1 + part)). */
export function jittered(ms: number, part: number, random: number): number {
  return ms * (1 + part * random);
}

/** Backoff counts failures in a row and returns the delay after each. */
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

  /** Counts a failure and returns the delay before the next attempt. */
  next(): number {
    this.#failures += 1;
    return backoffDelay(this.#options, this.#failures, this.#random());
  }

  /** Resets the count after a success. */
  reset(): void {
    this.#failures = 0;
  }
}
