// SPDX-License-Identifier: Apache-2.0
import { labels, type WorkloadKind } from '../../../api/index.ts';
import { joinKey, type Key, keyOf } from '../../../api/key.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { OwnedOnly, Pod } from '../../../kube/slim.ts';
import type { StoreReader } from '../../../kube/store.ts';
import { findLabelled } from './labelled.ts';

/** The keys that a change of another object concerns. Both versions count, because a reference may have changed. */
export type KeysOf<T> = (old: T | undefined, now: T | undefined) => readonly Key[];

/** The owner, of this kind, of an object that changed. */
export function ofOwned(kind: WorkloadKind): KeysOf<KubeObject> {
  return (old, now) => {
    const { namespace, ownerReferences = [] } = (now ?? old)?.metadata ?? {};
    const owner = ownerReferences.find((each) => each.kind === kind);
    return owner ? [joinKey(namespace, owner.name)] : [];
  };
}

/**
 * The object of this kind whose instance a pod is, when the pod was added, deleted, or changed its node, readiness or
 * address.
 */
export function ofPods<T extends KubeObject>(kind: WorkloadKind, store: StoreReader<T>): KeysOf<Pod> {
  return (old, now) => {
    if (sameJson(podMeaning(old), podMeaning(now))) return [];
    return [old, now].flatMap((pod) => (pod ? workloadOf(kind, store, pod) : []));
  };
}

/** The object of this kind of whose pods a ReplicaSet is the maker: once it is seen, its pods count. */
export function ofReplicaSets<T extends KubeObject>(
  kind: WorkloadKind,
  store: StoreReader<T>,
): KeysOf<OwnedOnly> {
  return (old, now) => {
    if (!now || sameJson(old?.metadata.ownerReferences, now.metadata.ownerReferences)) return [];
    return workloadOf(kind, store, now);
  };
}

/** The workload of a pod, from its label. */
function workloadOf<T extends KubeObject>(
  kind: WorkloadKind,
  store: StoreReader<T>,
  { metadata }: Pick<OwnedOnly, 'metadata'>,
): readonly Key[] {
  const { namespace, labels: own } = metadata;
  const found = findLabelled(kind, store, { namespace, label: own[labels.function] });
  return found ? [keyOf(found)] : [];
}

function podMeaning(pod: Pod | undefined): unknown {
  if (!pod) return undefined;
  const { uid, labels: own, deletionTimestamp } = pod.metadata;
  return [uid, own[labels.function], deletionTimestamp, pod.spec, pod.status];
}

/** The part of an object that asks for something: everything but its status. */
export function orderOf(object: KubeObject | undefined): unknown {
  const { uid, generation, deletionTimestamp } = object?.metadata ?? {};
  return object && [uid, generation, deletionTimestamp];
}
