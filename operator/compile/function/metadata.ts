import { functionLabelOf } from './names.ts';
import type { Desired, FunctionOwner } from './types.ts';

export const functionLabel = 'heddle.dev/function';

/** The labels by which a function's pods are found; they never change, as a Deployment's selector cannot. */
export function selectorLabels(owner: FunctionOwner): Readonly<Record<string, string>> {
  return { [functionLabel]: functionLabelOf(owner.kind, owner.name) };
}

/** The labels of everything that is made for a function. */
export function ownLabels(owner: FunctionOwner): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/name': 'heddle',
    'app.kubernetes.io/component': 'function',
    'app.kubernetes.io/managed-by': 'heddle-operator',
    ...selectorLabels(owner),
  };
}

/** Metadata of an object that goes with its function: the garbage collector removes it. */
export function ownedMetadata(owner: FunctionOwner, name: string): Desired['metadata'] {
  return {
    name,
    namespace: owner.namespace,
    labels: ownLabels(owner),
    ownerReferences: [
      {
        apiVersion: 'heddle.dev/v1alpha1',
        kind: owner.kind,
        name: owner.name,
        uid: owner.uid,
        controller: true,
      },
    ],
  };
}
