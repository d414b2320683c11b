// SPDX-License-Identifier: Apache-2.0
/**
 * Caches a pure function of an immutable object (a store replaces its objects, it does not edit them). So a change of
 * one Port does not cost the parsing of all other Ports of its network.
 */
export function memoize<K extends object, V>(work: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const found = known.get(key) ?? { value: work(key) };
    known.set(key, found);
    return found.value;
  };
}

/** Whether two lists hold the same objects in the same order. */
export function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
