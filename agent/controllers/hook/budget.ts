// SPDX-License-Identifier: Apache-2.0
export interface Share {
  /** Milliseconds of waiting that may be used at once. */
  readonly burstMs: number;
  /** Part of the time that is given back, 0..1. */
  readonly part: number;
}

/** Waiting in the hook: the whole node loses at most two seconds and a tenth of its time, one namespace a quarter of that. */
const NODE: Share = { burstMs: 2000, part: 0.1 };
const NAMESPACE: Share = { burstMs: 500, part: 0.025 };

/**
 * WaitBudget limits how long the runtime is kept waiting. While one pod waits, the runtime starts and stops no other pod of
 * the node. A namespace has a limit of its own, so that one tenant cannot use up the patience that others may need.
 * Pure: time is an argument, in milliseconds of a monotonic clock.
 */
export class WaitBudget {
  readonly #node: Account;
  readonly #namespaces = new Map<string, Account>();

  constructor(at: number) {
    this.#node = new Account(NODE, at);
  }

  /** Takes up to so many milliseconds; returns how many it got. */
  take(namespace: string, wanted: number, at: number): number {
    this.#forgetFull(at);
    const own = this.#namespaces.get(namespace) ?? new Account(NAMESPACE, at);
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

  #spend(own: Account, ms: number): void {
    own.spend(ms);
    this.#node.spend(ms);
  }

  #forgetFull(at: number): void {
    for (const [name, account] of this.#namespaces) {
      if (account.left(at) >= NAMESPACE.burstMs) this.#namespaces.delete(name);
    }
  }
}

class Account {
  readonly #share: Share;
  #left: number;
  #at: number;

  constructor(share: Share, at: number) {
    this.#share = share;
    this.#left = share.burstMs;
    this.#at = at;
  }

  left(at: number): number {
    const { burstMs, part } = this.#share;
    this.#left = Math.min(burstMs, this.#left + (at - this.#at) * part);
    this.#at = at;
    return this.#left;
  }

  spend(ms: number): void {
    this.#left -= ms;
  }
}
