/**
 * The least that every Kubernetes object has, as it comes over the wire.
 * (The generated types of the client library say Date where JSON has strings, so they are not used here.)
 */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

export interface ObjectMeta {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly generation?: number | undefined;
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  readonly finalizers?: readonly string[] | undefined;
}

export interface KubeObject {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata?: ObjectMeta | undefined;
}

/** `namespace/name`, or the name alone for what has no namespace. The one form of key in stores and queues. */
export type Key = string;

/** The key of an object; an object without a name is a programmer's error. */
export function keyOf(object: KubeObject): Key {
  const name = object.metadata?.name;
  if (!name) throw new Error(`${object.kind ?? 'object'} without metadata.name has no key`);
  return joinKey(object.metadata?.namespace, name);
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

/** How a sentence to a person names an object: `Pod shop/web-1`. */
export function describe(object: KubeObject): string {
  return `${object.kind ?? 'object'} ${joinKey(object.metadata?.namespace, object.metadata?.name ?? '(no name)')}`;
}
