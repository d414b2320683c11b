// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../../kube/base/clock.ts';

/** Objects of one namespace that are asked at the same time: their instances may let every request time out. */
const MOST_ROUNDS = 6;
/** Bytes of reports that one namespace may send in each second, averaged. */
const BYTES_PER_SECOND = 4 * 1024 * 1024;
/** Bytes that a namespace may send at once after it was quiet. */
const BURST_BYTES = 32 * 1024 * 1024;
/** Interval for a new attempt when the budget of a namespace is used up. */
export const LATER_MS = 300;

interface Account {
  rounds: number;
  bytes: number;
  at: number;
}

/** A round of requests to the instances of one object. */
export interface Round {
  /** Counts what an instance has sent. */
  spend(bytes: number): void;
  end(): void;
}

/**
 * Budget limits what the instances of each namespace cost the operator: how many objects are asked at a time, and how
 * many bytes are read and parsed. Reports of other namespaces never wait for it.
 */
export class Budget {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #accounts = new Map<string, Account>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Begins a round for an object of the namespace. Undefined when the budget is used up: try again after LATER_MS. */
  begin(namespace: string): Round | undefined {
    const account = this.#refill(namespace);
    if (account.rounds >= MOST_ROUNDS || account.bytes <= 0) return undefined;
    account.rounds += 1;
    return {
      spend: (bytes) => {
        account.bytes -= bytes;
      },
      end: () => {
        account.rounds -= 1;
        this.#forgetFull(namespace);
      },
    };
  }

  #refill(namespace: string): Account {
    const now = this.#clock.monotonic();
    const account = this.#accounts.get(namespace) ?? { rounds: 0, bytes: BURST_BYTES, at: now };
    const earned = ((now - account.at) / 1000) * BYTES_PER_SECOND;
    account.bytes = Math.min(BURST_BYTES, account.bytes + earned);
    account.at = now;
    this.#accounts.set(namespace, account);
    return account;
  }

  /** Namespaces come and go, so an account that has nothing to remember is dropped. */
  #forgetFull(namespace: string): void {
    const account = this.#refill(namespace);
    if (account.rounds === 0 && account.bytes >= BURST_BYTES) this.#accounts.delete(namespace);
  }
}
