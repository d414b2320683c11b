// SPDX-License-Identifier: Apache-2.0
import { type Key, keyOf } from '../api/key.ts';
import type { KubeObject } from './object.ts';
import { Index, type IndexFunction } from './store-index.ts';

export type { IndexFunction } from './store-index.ts';

/** The change of one key. When an object is deleted and created again, this is a delete, then an add. */
export type Change<T> =
  | { readonly kind: 'Added'; readonly key: Key; readonly old: undefined; readonly object: T }
  | { readonly kind: 'Updated'; readonly key: Key; readonly old: T; readonly object: T }
  | { readonly kind: 'Deleted'; readonly key: Key; readonly old: T; readonly object: undefined };

export type Listener<T> = (change: Change<T>) => void;

/** The read-only part of a store. */
export interface StoreReader<T, I extends string = string> {
  readonly name: string;
  readonly size: number;
  get(key: Key): T | undefined;
  has(key: Key): boolean;
  keys(): IterableIterator<Key>;
  values(): IterableIterator<T>;
  /** Objects with this value in the named index, in no particular order. */
  byIndex(index: I, value: string): readonly T[];
  /** Keys of the objects with this value in the named index. */
  keysByIndex(index: I, value: string): readonly Key[];
  /** Number of objects with this value in the named index, without building a list. */
  countByIndex(index: I, value: string): number;
  /** All present values of an index. */
  indexValues(index: I): IterableIterator<string>;
  /**
   * Calls the listener after each change, in order. `replay` first delivers the present objects as Added. The
   * returned function unsubscribes.
   */
  subscribe(listener: Listener<T>, options?: { readonly replay?: boolean }): () => void;
}

/** The part of a store that a reflector writes to. */
export interface StoreWriter<T> {
  readonly name: string;
  /** Adds or updates an object. An object of the same name with another UID is another object. */
  set(object: T): void;
  delete(key: Key): void;
  /**
   * Makes the store equal to a complete list: objects that are not in it are deleted, unchanged ones are not touched.
   */
  replace(objects: Iterable<T>): void;
}

export interface StoreOptions<T, I extends string> {
  readonly name: string;
  readonly indexes?: Readonly<Record<I, IndexFunction<T>>>;
  /** Called when a listener throws, which it must not. The other listeners still get the change. */
  readonly onListenerError?: (error: unknown, change: Change<T>) => void;
}

/** Store holds objects by key and by named indexes. The cost of a change does not depend on the number of objects. */
export class Store<T extends KubeObject, I extends string = never>
  implements StoreReader<T, I>, StoreWriter<T>
{
  readonly name: string;
  readonly #objects = new Map<Key, T>();
  readonly #indexes = new Map<string, Index<T>>();
  readonly #listeners = new Set<Listener<T>>();
  readonly #onListenerError: (error: unknown, change: Change<T>) => void;

  constructor(options: StoreOptions<T, I>) {
    this.name = options.name;
    this.#onListenerError = options.onListenerError ?? rethrowLater;
    for (const [name, valuesOf] of Object.entries<IndexFunction<T>>(options.indexes ?? {})) {
      this.#indexes.set(name, new Index(valuesOf));
    }
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: Key): T | undefined {
    return this.#objects.get(key);
  }

  has(key: Key): boolean {
    return this.#objects.has(key);
  }

  keys(): IterableIterator<Key> {
    return this.#objects.keys();
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  byIndex(index: I, value: string): readonly T[] {
    return this.keysByIndex(index, value).map((key) => this.#objects.get(key)!);
  }

  keysByIndex(index: I, value: string): readonly Key[] {
    return [...this.#index(index).keys(value)];
  }

  countByIndex(index: I, value: string): number {
    return this.#index(index).count(value);
  }

  indexValues(index: I): IterableIterator<string> {
    return this.#index(index).values();
  }

  subscribe(listener: Listener<T>, options: { readonly replay?: boolean } = {}): () => void {
    if (options.replay) {
      for (const [key, object] of this.#objects) {
        this.#notify(listener, { kind: 'Added', key, old: undefined, object });
      }
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(object: T): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old && old.metadata?.uid !== object.metadata?.uid) {
      this.delete(key);
      this.#add(key, object);
    } else if (old) {
      this.#update(key, old, object);
    } else {
      this.#add(key, object);
    }
  }

  delete(key: Key): void {
    const old = this.#objects.get(key);
    if (!old) return;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) index.move(key, old, undefined);
    this.#emit({ kind: 'Deleted', key, old, object: undefined });
  }

  replace(objects: Iterable<T>): void {
    const incoming = new Map<Key, T>();
    for (const object of objects) incoming.set(keyOf(object), object);
    for (const key of [...this.#objects.keys()]) if (!incoming.has(key)) this.delete(key);
    for (const [key, object] of incoming) {
      if (!sameVersion(this.#objects.get(key), object)) this.set(object);
    }
  }

  #add(key: Key, object: T): void {
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) index.move(key, undefined, object);
    this.#emit({ kind: 'Added', key, old: undefined, object });
  }

  #update(key: Key, old: T, object: T): void {
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) index.move(key, old, object);
    this.#emit({ kind: 'Updated', key, old, object });
  }

  #emit(change: Change<T>): void {
    for (const listener of [...this.#listeners]) this.#notify(listener, change);
  }

  #notify(listener: Listener<T>, change: Change<T>): void {
    try {
      listener(change);
    } catch (error) {
      this.#onListenerError(error, change);
    }
  }

  #index(name: I): Index<T> {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`store ${this.name} has no index ${name}`);
    return index;
  }
}

function sameVersion(a: KubeObject | undefined, b: KubeObject): boolean {
  return a?.metadata?.uid === b.metadata?.uid && a?.metadata?.resourceVersion === b.metadata?.resourceVersion;
}

function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
