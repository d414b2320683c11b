// SPDX-License-Identifier: Apache-2.0
export type Lane = 'urgent' | 'ordinary';

/** Runs one piece of work at a time. Urgent work waits only for the piece that runs, and for earlier urgent work. */
export class Lanes {
  readonly #waiting: Readonly<Record<Lane, (() => void)[]>> = { urgent: [], ordinary: [] };
  #isBusy = false;

  async run<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    await this.#enter(lane);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(lane: Lane): Promise<void> {
    if (this.#isBusy) return new Promise((resolve) => this.#waiting[lane].push(resolve));
    this.#isBusy = true;
    return Promise.resolve();
  }

  #leave(): void {
    const next = this.#waiting.urgent.shift() ?? this.#waiting.ordinary.shift();
    if (next) next();
    else this.#isBusy = false;
  }
}
