// SPDX-License-Identifier: Apache-2.0
import { findCondition } from '../../api/conditions.ts';
import type { Port } from '../../api/index.ts';
import { type Finding, nameOf, type World } from './world.ts';

/** How long a pod's interface may take; the runtime pulls no image before it. */
const PATIENCE_MS = 20_000;

/** Pure: Ports whose interface is not in the pod. */
export function checkPorts(world: World): readonly Finding[] {
  return world.ports.flatMap((port) => checkPort(port, world.now));
}

function checkPort(port: Port, now: number): readonly Finding[] {
  if (port.metadata.deletionTimestamp !== undefined) return [];
  const ready = findCondition(port.status?.conditions, 'Ready');
  if (ready?.status === 'True') return [];
  const since = ready?.lastTransitionTime ?? port.metadata.creationTimestamp ?? '';
  if (now - Date.parse(since) < PATIENCE_MS) return [];
  const { pod, node, interface: name } = port.spec;
  const where = `interface ${name} of pod ${pod.name} on node ${node}`;
  const finding: Finding = {
    // Detached is how the Port of a pod that has ended looks until the operator takes it away.
    severity: ready?.reason === 'Detached' ? 'Notice' : 'Problem',
    object: nameOf('Port', port),
    message: ready ? `${where}: ${ready.reason}: ${ready.message}` : `${where} is not there`,
    todo: `kubectl -n ${port.metadata.namespace} describe pod ${pod.name}; then the log of the agent on ${node}`,
  };
  return [finding];
}
