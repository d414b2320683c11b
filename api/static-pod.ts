// SPDX-License-Identifier: Apache-2.0
import { annotations } from './names.ts';
import type { ObjectMeta } from './object-meta.ts';
import type { Port } from './objects.ts';

// A static pod has two uids: that of the kubelet, by which the container runtime knows it, and that of its mirror in the
// API. The mirror names the first one in an annotation, which the API server lets nobody add or change later.

/** The kubelet's uid of the static pod of which a pod is the mirror; undefined for every other pod. */
export function staticUidOf({ annotations: given }: Pick<ObjectMeta, 'annotations'>): string | undefined {
  return given?.[annotations.configMirror] || undefined;
}

/** The uid by which the container runtime knows the pod of a Port. */
export function runtimeUidOf({ metadata, spec }: Pick<Port, 'metadata' | 'spec'>): string {
  return metadata.annotations?.[annotations.staticUid] ?? spec.pod.uid;
}

/**
 * Whether a Port belongs to a pod of the runtime. A pod that anybody creates can claim to be the mirror of any uid, so
 * the name must agree too.
 */
export function isPortOf(
  port: Pick<Port, 'metadata' | 'spec'>,
  pod: { readonly uid: string; readonly namespace: string; readonly name: string },
): boolean {
  if (port.metadata.annotations?.[annotations.staticUid] === undefined) return port.spec.pod.uid === pod.uid;
  const sameName = port.metadata.namespace === pod.namespace && port.spec.pod.name === pod.name;
  return sameName && runtimeUidOf(port) === pod.uid;
}
