// SPDX-License-Identifier: Apache-2.0
import { isNotFound } from '../../kube/api-error.ts';
import { listAll } from '../../kube/list.ts';
import type { KubeObject } from '../../kube/object.ts';
import { collectionPath, type ObjectRef, objectPath, type Resource } from '../../kube/resource.ts';
import { MERGE_TYPE, type Query, type Transport } from '../../kube/transport.ts';

/** Lists the metadata of all objects of a resource; empty when the cluster does not know the resource. */
export async function listRefs(
  transport: Transport,
  resource: Resource,
  scope: { readonly namespace?: string; readonly query?: Query } = {},
): Promise<readonly ObjectRef[]> {
  try {
    const { objects } = await listAll(transport, collectionPath(resource, scope.namespace), {
      pageSize: 500,
      metadataOnly: true,
      ...(scope.query ? { query: scope.query } : {}),
      transform: (object: KubeObject): ObjectRef => ({
        resource,
        namespace: object.metadata?.namespace,
        name: object.metadata?.name ?? '',
      }),
    });
    return objects;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** Deletes one object; success too when it does not exist. */
export async function deleteObject(transport: Transport, ref: ObjectRef): Promise<void> {
  await unlessGone(
    transport.request('DELETE', objectPath(ref), { body: { propagationPolicy: 'Background' } }),
  );
}

/** Removes the finalizers of an object when no program handles them any more. */
export async function dropFinalizers(transport: Transport, ref: ObjectRef): Promise<void> {
  const body = { metadata: { finalizers: null } };
  await unlessGone(transport.request('PATCH', objectPath(ref), { body, contentType: MERGE_TYPE }));
}

async function unlessGone(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
