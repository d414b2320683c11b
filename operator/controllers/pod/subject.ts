// SPDX-License-Identifier: Apache-2.0
import { staticUidOf } from '../../../api/static-pod.ts';
import type { Pod } from '../../observe/stores.ts';

/**
 * A pod as the object of an Event. `kubectl describe` looks for Events of a static pod by the kubelet's uid, since the
 * kubelet writes its own Events with that one.
 */
export function subjectOf(pod: Pod): Pod {
  const uid = staticUidOf(pod.metadata);
  return uid === undefined ? pod : { ...pod, metadata: { ...pod.metadata, uid } };
}
