// SPDX-License-Identifier: Apache-2.0
import type { Clock } from './base/clock.ts';

/** Refused tokens of one address that the API server is asked about at once, and in each second after that. */
const BURST = 10;
const PER_SECOND = 1;
const MOST_ADDRESSES = 1024;

/** FailureBudget limits how often each address makes this program ask the API server about tokens that it refuses. */
export class FailureBudget {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Least recently used first. */
  readonly #left = new Map<string, { readonly count: number; readonly at: number }>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Takes one from the budget of an address; false when nothing is left. */
  take(address: string): boolean {
    const count = this.#count(address);
    if (count < 1) return false;
    this.#set(address, count - 1);
    return true;
  }

  /** Gives back what was taken for a token that was not refused. */
  giveBack(address: string): void {
    this.#set(address, Math.min(BURST, this.#count(address) + 1));
  }

  #count(address: string): number {
    const found = this.#left.get(address);
    if (!found) return BURST;
    return Math.min(BURST, found.count + ((this.#clock.monotonic() - found.at) / 1000) * PER_SECOND);
  }

  #set(address: string, count: number): void {
    this.#left.delete(address);
    this.#left.set(address, { count, at: this.#clock.monotonic() });
    const [first] = this.#left.keys();
    if (this.#left.size > MOST_ADDRESSES && first !== undefined) this.#left.delete(first);
  }
}
