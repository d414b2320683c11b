// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from '../../kube/object.ts';

/** Whether an object goes with this very owner, and not with one of the same name before it, or with somebody else. */
export function isOwned(
  object: KubeObject | undefined,
  owner: { readonly metadata: { readonly uid?: string | undefined } },
): boolean {
  return object?.metadata?.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) ?? false;
}
