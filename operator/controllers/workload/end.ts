// SPDX-License-Identifier: Apache-2.0
import { functionLabelOf } from '../../../api/function-names.ts';
import { labels, type WorkloadKind, workloadKinds } from '../../../api/index.ts';
import { type Key, keyOf } from '../../../api/key.ts';
import type { Namespace, Pod } from '../../../kube/slim.ts';
import type { EndFacts } from '../../compile/workload/end.ts';
import type { Stores } from '../../observe/stores.ts';
import { findLabelled, workloadsOf } from './labelled.ts';

/** What the end of a workload's pod depends on. */
export function observeEnd(stores: Stores, pod: Pod): EndFacts {
  const namespace = stores.namespaces.get(pod.metadata.namespace);
  return { pod, ends: namespace?.metadata.deletionTimestamp !== undefined || isLeft(stores, pod) };
}

/**
 * Whether the workload of a pod is gone, or is being deleted together with what it owns. `--cascade=orphan` first takes
 * the owner out of the Deployment, whose pods then run on.
 */
function isLeft(stores: Stores, pod: Pod): boolean {
  const deployment = stores.deployments.get(`${pod.metadata.namespace}/${deploymentNameOf(pod)}`);
  // Without a Deployment the pods are deleted already, by the garbage collector or because somebody deleted it.
  if (!deployment) return pod.metadata.deletionTimestamp !== undefined && !hasWorkload(stores, pod);
  const owner = deployment.metadata?.ownerReferences?.find(({ kind }) => isWorkloadKind(kind));
  if (!owner) return false;
  const workload = workloadsOf(stores, owner.kind as WorkloadKind).get(
    `${pod.metadata.namespace}/${owner.name}`,
  );
  if (workload?.metadata.uid !== owner.uid) return true;
  const { deletionTimestamp, finalizers = [] } = workload.metadata;
  return deletionTimestamp !== undefined && !finalizers.includes('orphan');
}

/** A ReplicaSet has the name of its Deployment and a hash of the template. */
function deploymentNameOf({ metadata }: Pod): string {
  const set = metadata.ownerReferences.find(({ kind }) => kind === 'ReplicaSet');
  return set?.name.replace(/-[^-]*$/, '') ?? '';
}

function isWorkloadKind(kind: string): kind is WorkloadKind {
  return workloadKinds.some((each) => each === kind);
}

/** Whether a workload is there that the label of a pod names. */
function hasWorkload(stores: Stores, { metadata }: Pod): boolean {
  const named = { namespace: metadata.namespace, label: metadata.labels[labels.function] };
  return workloadKinds.some((kind) => findLabelled(kind, workloadsOf(stores, kind), named) !== undefined);
}

/** The pod itself, if it is one of a workload. */
export function endingPodsOfPod(_old: Pod | undefined, now: Pod | undefined): readonly Key[] {
  return now?.metadata.labels[labels.function] === undefined ? [] : [keyOf(now)];
}

/** All pods of workloads in a namespace that is being deleted. */
export function endingPodsOfNamespace(
  stores: Pick<Stores, 'pods'>,
  old: Namespace | undefined,
  now: Namespace | undefined,
): readonly Key[] {
  if (now?.metadata.deletionTimestamp === undefined || old?.metadata.deletionTimestamp !== undefined)
    return [];
  return [...stores.pods.indexValues('function')]
    .filter((value) => value.startsWith(`${now.metadata.name}/`))
    .flatMap((value) => stores.pods.keysByIndex('function', value));
}

/** The pods of a workload that changed. */
export function endingPodsOfWorkload(
  stores: Pick<Stores, 'pods'>,
  kind: WorkloadKind,
  metadata: { readonly namespace: string; readonly name: string },
): readonly Key[] {
  return stores.pods.keysByIndex('function', `${metadata.namespace}/${functionLabelOf(kind, metadata.name)}`);
}
