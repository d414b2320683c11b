// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../../kube/base/clock.ts';

/**
 * The newest answer to a question; when that takes too long, the one before it. Who asks wants to know in time that we
 * are alive, also on a machine that is slow to start the tools by which we look.
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

  /** Rejects as the question does: what cannot be looked at any more is not answered from memory. */
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
