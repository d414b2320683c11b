// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from '../../kube/object.ts';

/** Whether an object has this owner, by uid: not an earlier owner of the same name, and not another object. */
export function isOwned(
  object: KubeObject | undefined,
  owner: { readonly metadata: { readonly uid?: string | undefined } },
): boolean {
  return object?.metadata?.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) ?? false;
}
