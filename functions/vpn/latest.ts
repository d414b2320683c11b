// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../../kube/base/clock.ts';

/**
 * The newest answer to a question or, when that takes too long, the previous answer. The caller wants to know in time
 * that this process is alive, also on a machine that starts the tools slowly.
 */
export class Latest<T> {
  readonly #ask: () => Promise<T>;
  readonly #patienceMs: number;
  readonly #clock: Pick<Clock, 'after'>;
  #last: { readonly value: T } | undefined;
  #running: Promise<T> | undefined;

  constructor(options: {
    readonly ask: () => Promise<T>;
    readonly patienceMs: number;
    readonly clock: Pick<Clock, 'after'>;
  }) {
    this.#ask = options.ask;
    this.#patienceMs = options.patienceMs;
    this.#clock = options.clock;
  }

  /** Rejects as the question does: an error is never replaced by an earlier answer. */
  get(): Promise<T> {
    this.#running ??= this.#run();
    const running = this.#running;
    const last = this.#last;
    if (!last) return running;
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(this.#patienceMs, () => resolve(last.value));
      running.then(resolve, reject).finally(cancel);
    });
  }

  async #run(): Promise<T> {
    try {
      const value = await this.#ask();
      this.#last = { value };
      return value;
    } finally {
      this.#running = undefined;
    }
  }
}
