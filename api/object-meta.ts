// SPDX-License-Identifier: Apache-2.0
/**
 * Metadata of Kubernetes objects in JSON: times are strings. (The generated types of the client library have Date, so
 * they are not used.)
 */
export interface ObjectMeta {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly generation?: number | undefined;
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
  /** Seconds that were given to a terminating pod; `deletionTimestamp` is when they are over. */
  readonly deletionGracePeriodSeconds?: number | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  readonly finalizers?: readonly string[] | undefined;
}

/** Metadata of an object that has a namespace. */
export interface NamespacedMeta extends ObjectMeta {
  readonly name: string;
  readonly namespace: string;
}

/** An owner of an object; the garbage collector deletes the object after it. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}
