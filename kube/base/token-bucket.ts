// SPDX-License-Identifier: Apache-2.0
/** A burst of tokens, then one more in each interval. */
export interface TokenBucketOptions {
  readonly burst: number;
  readonly refillMs: number;
}

/** TokenBucket is the pure state of one bucket; time is an argument. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #at: number;

  constructor(options: TokenBucketOptions, at: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#at = at;
  }

  /** Takes a token; false when there is none. */
  take(at: number): boolean {
    const { burst, refillMs } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + (at - this.#at) / refillMs);
    this.#at = at;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
