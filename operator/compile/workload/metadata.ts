// SPDX-License-Identifier: Apache-2.0
import { functionLabelOf } from '../../../api/function-names.ts';
import { apiVersion, heddle, labels } from '../../../api/index.ts';
import type { OwnedMetadata, Owner } from './types.ts';

/** The labels that select a workload's pods. They never change, because the selector of a Deployment is immutable. */
export function selectorLabels(owner: Owner): Readonly<Record<string, string>> {
  return { [labels.function]: functionLabelOf(owner.kind, owner.name) };
}

/** The labels of everything that is made for a workload. */
export function ownLabels(owner: Owner): Readonly<Record<string, string>> {
  return {
    [labels.name]: heddle,
    [labels.component]: 'function',
    'app.kubernetes.io/managed-by': 'heddle-operator',
    ...selectorLabels(owner),
  };
}

/**
 * Metadata of an object with an owner reference; the garbage collector deletes it after its owner. It has the labels
 * of `workload`, by default the owner itself.
 */
export function ownedMetadata(owner: Owner, name: string, workload: Owner = owner): OwnedMetadata {
  return {
    name,
    namespace: owner.namespace,
    labels: ownLabels(workload),
    ownerReferences: [
      {
        apiVersion,
        kind: owner.kind,
        name: owner.name,
        uid: owner.uid,
        controller: true,
      },
    ],
  };
}
