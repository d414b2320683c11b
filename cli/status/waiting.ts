// SPDX-License-Identifier: Apache-2.0
import { runtimeUidOf } from '../../api/static-pod.ts';
import { type Finding, seen, type World } from './world.ts';

/** How long a pod may wait for its networks; a Port is made in milliseconds. */
const PATIENCE_MS = 10_000;

/** Pure: finds pods that ask for networks and have joined none of them. */
export function checkWaiting(world: World): readonly Finding[] {
  const joined = new Set(world.ports.map(runtimeUidOf));
  return (seen(world.waiting) ?? [])
    .filter(({ uid, createdAt }) => !joined.has(uid) && world.now - Date.parse(createdAt) >= PATIENCE_MS)
    .map(({ namespace, name, why }) => ({
      severity: 'Problem',
      object: `Pod ${namespace}/${name}`,
      message: `waits for its networks${why === undefined ? '' : `: ${why}`}`,
      todo: why === undefined ? `kubectl -n ${namespace} describe pod ${name}` : '',
    }));
}
