// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from './object.ts';
import type { Store, StoreWriter } from './store.ts';

/**
 * Combines two stores into one. `whole` has an object of `former` only while `current` has none with its key. So a
 * kind can move to another group object by object, and readers of `whole` never miss one in between.
 */
export function overlay<T extends KubeObject, C extends string, F extends string>(layers: {
  readonly current: Store<T, C>;
  readonly former: Store<T, F>;
  readonly whole: StoreWriter<T>;
}): void {
  const { current, former, whole } = layers;
  current.subscribe(({ key, object }) => {
    const seen = object ?? former.get(key);
    if (seen) whole.set(seen);
    else whole.delete(key);
  });
  former.subscribe(({ key, object }) => {
    if (current.has(key)) return;
    if (object) whole.set(object);
    else whole.delete(key);
  });
}
