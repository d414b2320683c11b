// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import type { OwnerReference } from '../../../api/object-meta.ts';
import type { Remark } from '../../../api/reasons.ts';
import type { Pod } from '../../observe/stores.ts';

/**
 * Who holds an address or a MAC. `Stays`: its pod lives, or it is no Port of a pod. `Ends`: its pod is being deleted or
 * has ended. `Gone`: its pod is deleted, and the Port follows within moments.
 */
export interface Holder {
  /** As people read it: `Port shop/web-net1-a1b2c3`, or `LoadBalancer shop/web`. */
  readonly name: string;
  readonly pod: 'Stays' | 'Ends' | 'Gone';
  /** Whether one template made the pods of both: of two revisions of a Deployment, or of one controller. */
  readonly kin?: { readonly kind: 'Rollout' | 'Replica'; readonly controller: string } | undefined;
}

/** What keeps a pod from having what others hold. */
export type Obstacle =
  | { readonly kind: 'Refused'; readonly remark: Remark<'Pod'> }
  /** It is free soon. `note` is for the user when that may take longer than moments. */
  | { readonly kind: 'Waits'; readonly note?: Remark<'Pod'> };

/** Judges a thing that a pod asks for and that others hold. `thing` begins the message: `network shop/net: 10.9.0.5`. */
export function judgeHeld(thing: string, holders: readonly Holder[]): Obstacle {
  const staying = holders.filter(({ pod }) => pod === 'Stays');
  if (staying.length > 0) {
    const message = `${thing} is in use by ${nameSome(staying.map(({ name }) => name))}${adviceFor(staying)}`;
    return { kind: 'Refused', remark: { type: 'Warning', reason: 'AddressInUse', message } };
  }
  const ending = holders.filter(({ pod }) => pod === 'Ends').map(({ name }) => name);
  if (ending.length === 0) return { kind: 'Waits' };
  const message = `${thing} is held by ${nameSome(ending)}, whose pod is ending; this pod starts by itself when that one is gone`;
  return { kind: 'Waits', note: { type: 'Normal', reason: 'AddressAwaited', message } };
}

function adviceFor(holders: readonly Holder[]): string {
  const [kin] = holders.flatMap((holder) => holder.kin ?? []);
  if (kin?.kind === 'Rollout') {
    return ` of an earlier pod of ${kin.controller}, which a rolling update ends only when this pod is ready; set spec.strategy.type: Recreate in it`;
  }
  if (kin?.kind === 'Replica') {
    return ` of another pod of ${kin.controller}; an address or a MAC in a pod template serves one replica, so leave it out or set replicas: 1`;
  }
  return '; ask for another, or remove the pod of that Port, then this pod starts by itself';
}

/** Pure: whether one template made both pods. */
export function kinshipOf(pod: Pod, other: Pod): Holder['kin'] {
  if (pod.metadata.namespace !== other.metadata.namespace) return undefined;
  const mine = controllerOf(pod);
  const theirs = controllerOf(other);
  if (!mine || mine.kind !== theirs?.kind) return undefined;
  const deployment = deploymentOf(pod, mine);
  if (mine.uid === theirs.uid) {
    return { kind: 'Replica', controller: deployment ?? `${mine.kind} ${mine.name}` };
  }
  if (deployment === undefined || deployment !== deploymentOf(other, theirs)) return undefined;
  return { kind: 'Rollout', controller: deployment };
}

function controllerOf({ metadata }: Pod): OwnerReference | undefined {
  return metadata.ownerReferences.find(({ controller }) => controller);
}

/** The Deployment of a pod's ReplicaSet, by its name: `<deployment>-<pod-template-hash>`. */
function deploymentOf({ metadata }: Pod, { kind, name }: OwnerReference): string | undefined {
  const hash = metadata.labels['pod-template-hash'];
  if (kind !== 'ReplicaSet' || !hash || !name.endsWith(`-${hash}`)) return undefined;
  return `Deployment ${name.slice(0, -hash.length - 1)}`;
}
