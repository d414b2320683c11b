// SPDX-License-Identifier: Apache-2.0
import type { ObjectMeta } from './object-meta.ts';

/**
 * The key of an object: `namespace/name`, or only the name for an object without namespace. Stores, queues and
 * reports use no other form.
 */
export type Key = string;

/** The key of an object. An object without a name is a programming error. */
export function keyOf(object: {
  readonly kind?: string | undefined;
  readonly metadata?: Pick<ObjectMeta, 'namespace' | 'name'> | undefined;
}): Key {
  const name = object.metadata?.name;
  if (!name) throw new Error(`${object.kind ?? 'object'} without metadata.name has no key`);
  return joinKey(object.metadata?.namespace, name);
}

/** The key of a referenced object. */
export function keyOfRef(reference: { readonly namespace: string; readonly name: string }): Key {
  return joinKey(reference.namespace, reference.name);
}

/** Makes a key of a namespace, which may be undefined, and a name. */
export function joinKey(namespace: string | undefined, name: string): Key {
  return namespace ? `${namespace}/${name}` : name;
}

/** Splits a key. The namespace is undefined for an object without one. */
export function splitKey(key: Key): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
