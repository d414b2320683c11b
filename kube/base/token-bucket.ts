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

  /** The tokens that there are, a part of one included. */
  left(at: number): number {
    const { burst, refillMs } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + (at - this.#at) / refillMs);
    this.#at = at;
    return this.#tokens;
  }

  /** Gives tokens back, at most up to the burst, or takes them if the number is negative. */
  add(tokens: number): void {
    this.#tokens += tokens;
  }

  /** Takes a token; false when there is none. */
  take(at: number): boolean {
    if (this.left(at) < 1) return false;
    this.add(-1);
    return true;
  }
}
