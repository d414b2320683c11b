// SPDX-License-Identifier: Apache-2.0
/**
 * Runs one piece of work at a time for each key. The runtime's hook, its list of pods and the watch of Ports may
 * request the same interface at once; the second one then finds it made.
 */
class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}

/** Keyed by the host side's name. */
export const turns = new Turns();
