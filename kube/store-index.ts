// SPDX-License-Identifier: Apache-2.0
import type { Key } from '../api/key.ts';

/** The values under which an object is found in an index; none, one or many. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** One index: value -> keys. */
export class Index<T> {
  readonly #valuesOf: IndexFunction<T>;
  readonly #keys = new Map<string, Set<Key>>();

  constructor(valuesOf: IndexFunction<T>) {
    this.#valuesOf = valuesOf;
  }

  keys(value: string): Iterable<Key> {
    return this.#keys.get(value) ?? [];
  }

  count(value: string): number {
    return this.#keys.get(value)?.size ?? 0;
  }

  values(): IterableIterator<string> {
    return this.#keys.keys();
  }

  /** Updates the index for an object that was added (`from` undefined), changed, or deleted (`to` undefined). */
  move(key: Key, from: T | undefined, to: T | undefined): void {
    const before = from === undefined ? [] : this.#valuesOf(from);
    const after = to === undefined ? [] : this.#valuesOf(to);
    for (const value of before) if (!after.includes(value)) this.#remove(value, key);
    for (const value of after) this.#insert(value, key);
  }

  #insert(value: string, key: Key): void {
    const keys = this.#keys.get(value);
    if (keys) keys.add(key);
    else this.#keys.set(value, new Set([key]));
  }

  #remove(value: string, key: Key): void {
    const keys = this.#keys.get(value);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(value);
  }
}
