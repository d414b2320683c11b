// SPDX-License-Identifier: Apache-2.0
import { type Key, keyOf } from '../../../api/key.ts';
import type { KubeObject } from '../../../kube/object.ts';

/**
 * Memories holds state for each object between passes. An object that was created again under the same name starts
 * with new state.
 */
export class Memories<T extends KubeObject, Memory> {
  readonly #begin: (object: T) => Memory;
  readonly #all = new Map<Key, { readonly uid: string | undefined; readonly memory: Memory }>();

  constructor(begin: (object: T) => Memory) {
    this.#begin = begin;
  }

  of(object: T): Memory {
    const key = keyOf(object);
    const uid = object.metadata?.uid;
    const known = this.#all.get(key);
    if (known && known.uid === uid) return known.memory;
    const memory = this.#begin(object);
    this.#all.set(key, { uid, memory });
    return memory;
  }

  forget(key: Key): void {
    this.#all.delete(key);
  }
}
