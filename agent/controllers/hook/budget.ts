// SPDX-License-Identifier: Apache-2.0
import { TokenBucket, type TokenBucketOptions } from '../../../kube/base/token-bucket.ts';

/**
 * Waiting in the hook, a token for each millisecond: the whole node loses at most two seconds and a tenth of its time, one
 * namespace a quarter of that.
 */
const NODE: TokenBucketOptions = { burst: 2000, refillMs: 10 };
const NAMESPACE: TokenBucketOptions = { burst: 500, refillMs: 40 };

/**
 * WaitBudget limits how long the runtime is kept waiting. While one pod waits, the runtime starts and stops no other pod of
 * the node. A namespace has a limit of its own, so that one tenant cannot use up the patience that others may need.
 * Pure: time is an argument, in milliseconds of a monotonic clock.
 */
export class WaitBudget {
  readonly #node: TokenBucket;
  readonly #namespaces = new Map<string, TokenBucket>();

  constructor(at: number) {
    this.#node = new TokenBucket(NODE, at);
  }

  /** Takes up to so many milliseconds; returns how many it got. */
  take(namespace: string, wanted: number, at: number): number {
    this.#forgetFull(at);
    const own = this.#namespaces.get(namespace) ?? new TokenBucket(NAMESPACE, at);
    this.#namespaces.set(namespace, own);
    const granted = Math.floor(Math.min(wanted, own.left(at), this.#node.left(at)));
    this.#spend(own, granted);
    return granted;
  }

  /** Gives back what was taken and not used. */
  giveBack(namespace: string, unused: number): void {
    const own = this.#namespaces.get(namespace);
    if (own) this.#spend(own, -Math.max(0, unused));
  }

  #spend(own: TokenBucket, ms: number): void {
    own.add(-ms);
    this.#node.add(-ms);
  }

  #forgetFull(at: number): void {
    for (const [name, account] of this.#namespaces) {
      if (account.left(at) >= NAMESPACE.burst) this.#namespaces.delete(name);
    }
  }
}
