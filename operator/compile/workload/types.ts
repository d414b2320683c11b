// SPDX-License-Identifier: Apache-2.0
import type { NamespacedMeta, WorkloadKind } from '../../../api/index.ts';

/** The Heddle object that owns the compiled objects. */
export interface Owner<Kind extends string = string> {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** An owner that runs pods. */
export type WorkloadOwner = Owner<WorkloadKind>;

/** A Heddle object as the owner of objects that are compiled for it. */
export function ownerOf<Kind extends string>(object: {
  readonly kind: Kind;
  readonly metadata: NamespacedMeta;
}): Owner<Kind> {
  const { namespace, name, uid = '' } = object.metadata;
  return { kind: object.kind, namespace, name, uid };
}

/** Metadata of an object with an owner reference. */
export interface OwnedMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences: readonly [
    {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
      readonly controller: true;
    },
  ];
}

/** An object for server-side apply: all fields that Heddle owns, and no others. */
export interface Desired {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: OwnedMetadata;
}
