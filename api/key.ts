// SPDX-License-Identifier: Apache-2.0
import type { ObjectMeta } from './object-meta.ts';

/** `namespace/name`, or the name alone for what has no namespace. The one form of key in stores, queues and reports. */
export type Key = string;

/** The key of an object; an object without a name is a programmer's error. */
export function keyOf(object: {
  readonly kind?: string | undefined;
  readonly metadata?: Pick<ObjectMeta, 'namespace' | 'name'> | undefined;
}): Key {
  const name = object.metadata?.name;
  if (!name) throw new Error(`${object.kind ?? 'object'} without metadata.name has no key`);
  return joinKey(object.metadata?.namespace, name);
}

/** The key of an object that another one names. */
export function keyOfRef(reference: { readonly namespace: string; readonly name: string }): Key {
  return joinKey(reference.namespace, reference.name);
}

/** `namespace/name`, or the name alone. */
export function joinKey(namespace: string | undefined, name: string): Key {
  return namespace ? `${namespace}/${name}` : name;
}

/** The parts of a key; namespace is undefined for what has none. */
export function splitKey(key: Key): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
