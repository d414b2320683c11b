// SPDX-License-Identifier: Apache-2.0
import { joinKey } from '../api/key.ts';
import type { ObjectMeta } from '../api/object-meta.ts';

/** The least that every Kubernetes object has, as it comes over the wire. */
export interface KubeObject {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata?: ObjectMeta | undefined;
}

/** How a sentence to a person names an object: `Pod shop/web-1`. */
export function describe(object: KubeObject): string {
  return `${object.kind ?? 'object'} ${joinKey(object.metadata?.namespace, object.metadata?.name ?? '(no name)')}`;
}
