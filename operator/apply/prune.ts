// SPDX-License-Identifier: Apache-2.0
import { isConflict } from '../../kube/api-error.ts';
import type { Writer } from '../../kube/apply.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Resource } from '../../kube/resource.ts';

/**
 * Deletes the objects that are not wanted, each with its uid as precondition. An object that was created again under
 * the same name is left to the next pass.
 */
export async function prune(options: {
  readonly writer: Writer;
  readonly resource: Resource;
  readonly stored: readonly KubeObject[];
  readonly wanted: ReadonlySet<string>;
}): Promise<void> {
  for (const { metadata } of options.stored) {
    if (!metadata?.name || options.wanted.has(metadata.name) || metadata.deletionTimestamp) continue;
    const ref = { resource: options.resource, namespace: metadata.namespace, name: metadata.name };
    try {
      await options.writer.delete(ref, { uid: metadata.uid });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}
