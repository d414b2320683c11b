// SPDX-License-Identifier: Apache-2.0
import { objectNameOf } from '../../../api/function-names.ts';
import { apiVersion } from '../../../api/index.ts';
import type { ObjectMeta, OwnerReference } from '../../../api/object-meta.ts';
import type { WorkloadOwner } from './types.ts';

/**
 * Whether the operator's Deployment made a pod, judged by the uids of its chain of controllers: pod, ReplicaSet,
 * Deployment, workload. Labels prove nothing, because every account that may create pods can write them.
 *
 * - `Ours`: every link of the chain is there.
 * - `Foreign`: a link leads elsewhere, and no later event can change that.
 * - `Unknown`: a link is not there: it is not seen yet, or it was deleted while the pod drains.
 */
export type Lineage = 'Ours' | 'Foreign' | 'Unknown';

interface Owned {
  readonly metadata?: ObjectMeta | undefined;
}

/** The objects between a pod and its workload, by name in the namespace of the pod. */
export interface Makers {
  readonly replicaSet: (name: string) => Owned | undefined;
  readonly deployment: (name: string) => Owned | undefined;
}

/** Pure: judges whether a pod is one of a workload. */
export function judgeLineage(pod: Owned, workload: WorkloadOwner, makers: Makers): Lineage {
  const setRef = controllerOf(pod);
  if (setRef?.kind !== 'ReplicaSet') return 'Foreign';
  const set = findBy(setRef, makers.replicaSet);
  const deploymentRef = set && controllerOf(set);
  if (!deploymentRef) return 'Unknown';
  const isOurs =
    deploymentRef.kind === 'Deployment' && deploymentRef.name === objectNameOf(workload.kind, workload.name);
  if (!isOurs) return 'Foreign';
  const deployment = findBy(deploymentRef, makers.deployment);
  const ownerRef = deployment && controllerOf(deployment);
  if (!ownerRef) return 'Unknown';
  if (
    ownerRef.apiVersion !== apiVersion ||
    ownerRef.kind !== workload.kind ||
    ownerRef.name !== workload.name
  ) {
    return 'Foreign';
  }
  return ownerRef.uid === workload.uid ? 'Ours' : 'Unknown';
}

function controllerOf({ metadata }: Owned): OwnerReference | undefined {
  return metadata?.ownerReferences?.find(({ controller }) => controller);
}

/** The object that a reference means: an object of the same name with another uid is another object. */
function findBy(ref: OwnerReference, find: (name: string) => Owned | undefined): Owned | undefined {
  const found = find(ref.name);
  return found?.metadata?.uid === ref.uid ? found : undefined;
}
