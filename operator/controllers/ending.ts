// SPDX-License-Identifier: Apache-2.0
import type { Stores } from '../observe/stores.ts';

/**
 * Whether an object or its namespace is being deleted. Then nothing is created for it any more: the API server would
 * refuse it, and the garbage collector deletes what exists.
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
