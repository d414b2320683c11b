// SPDX-License-Identifier: Apache-2.0
import { joinKey } from '../api/key.ts';
import type { ObjectMeta } from '../api/object-meta.ts';

/** The fields that every Kubernetes object has in JSON. */
export interface KubeObject {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata?: ObjectMeta | undefined;
}

/** The name of an object in messages: `Pod shop/web-1`. */
export function describe(object: KubeObject): string {
  return `${object.kind ?? 'object'} ${joinKey(object.metadata?.namespace, object.metadata?.name ?? '(no name)')}`;
}
