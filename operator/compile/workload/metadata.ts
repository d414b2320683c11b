// SPDX-License-Identifier: Apache-2.0
import { functionLabelOf } from '../../../api/function-names.ts';
import { apiVersion, heddle, labels } from '../../../api/index.ts';
import type { OwnedMetadata, Owner } from './types.ts';

/** The labels by which a workload's pods are found; they never change, as a Deployment's selector cannot. */
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
 * Metadata of an object that goes with its owner: the garbage collector removes it. It has the labels of a workload, the
 * owner itself unless another one is named.
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
