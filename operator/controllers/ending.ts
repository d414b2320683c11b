// SPDX-License-Identifier: Apache-2.0
import type { Stores } from '../observe/stores.ts';

/**
 * Whether an object is about to be gone, or its namespace is: then nothing is made for it any more. The API
 * server would refuse, and the garbage collector takes what is there.
 */
export function isEnding(
  stores: Pick<Stores, 'namespaces'>,
  object: {
    readonly metadata: { readonly namespace: string; readonly deletionTimestamp?: string | undefined };
  },
): boolean {
  const namespace = stores.namespaces.get(object.metadata.namespace);
  return Boolean(object.metadata.deletionTimestamp ?? namespace?.metadata.deletionTimestamp);
}
