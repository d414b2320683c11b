// SPDX-License-Identifier: Apache-2.0
import type { NamespacedMeta, WorkloadKind } from '../../../api/index.ts';

/** Who owns what is compiled: a resource of ours. */
export interface Owner<Kind extends string = string> {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** An owner that runs pods. */
export type WorkloadOwner = Owner<WorkloadKind>;

/** A resource as the owner of what is made for it. */
export function ownerOf<Kind extends string>(object: {
  readonly kind: Kind;
  readonly metadata: NamespacedMeta;
}): Owner<Kind> {
  const { namespace, name, uid = '' } = object.metadata;
  return { kind: object.kind, namespace, name, uid };
}

/** Metadata of an object that goes with its owner. */
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

/** An object to be applied: complete in what is ours, silent on the rest. */
export interface Desired {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: OwnedMetadata;
}
