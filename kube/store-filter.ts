// SPDX-License-Identifier: Apache-2.0
import { keyOf } from '../api/key.ts';
import type { KubeObject } from './object.ts';
import type { StoreWriter } from './store.ts';

/**
 * A way into a store for the objects that are wanted only. The API server selects by labels and a few fields; what it
 * cannot select by, an annotation for example, is watched whole and must not cost memory for objects that nobody reads.
 */
export function keepOnly<T extends KubeObject>(
  store: StoreWriter<T>,
  isWanted: (object: T) => boolean,
): StoreWriter<T> {
  return {
    name: store.name,
    set: (object) => {
      if (isWanted(object)) store.set(object);
      else store.delete(keyOf(object));
    },
    delete: (key) => store.delete(key),
    replace: (objects) => {
      const wanted: T[] = [];
      for (const object of objects) if (isWanted(object)) wanted.push(object);
      store.replace(wanted);
    },
  };
}
