// SPDX-License-Identifier: Apache-2.0
import { findCondition } from '../../api/conditions.ts';
import type { Port } from '../../api/index.ts';
import { type Finding, nameOf, type World } from './world.ts';

/** How long the interface of a pod may take; it is made before the runtime pulls images. */
const PATIENCE_MS = 20_000;

/** Pure: finds Ports whose interface is not in the pod. */
export function checkPorts(world: World): readonly Finding[] {
  return world.ports.flatMap((port) => checkPort(port, world.now));
}

function checkPort(port: Port, now: number): readonly Finding[] {
  if (port.metadata.deletionTimestamp !== undefined) return [];
  const ready = findCondition(port.status?.conditions, 'Ready');
  if (ready?.reason === 'AttachedLate') return [describeLate(port, ready.message)];
  if (ready?.status === 'True') return [];
  const since = ready?.lastTransitionTime ?? port.metadata.creationTimestamp ?? '';
  if (now - Date.parse(since) < PATIENCE_MS) return [];
  const { pod, node, interface: name } = port.spec;
  const where = `interface ${name} of pod ${pod.name} on node ${node}`;
  const finding: Finding = {
    // The Port of a pod that has ended is Detached until the operator deletes it.
    severity: ready?.reason === 'Detached' ? 'Notice' : 'Problem',
    object: nameOf('Port', port),
    message: ready ? `${where}: ${ready.reason}: ${ready.message}` : `${where} is not there`,
    todo: `kubectl -n ${port.metadata.namespace} describe pod ${pod.name}; then the log of the agent on ${node}`,
  };
  return [finding];
}

function describeLate(port: Port, message: string): Finding {
  const { pod, interface: name } = port.spec;
  return {
    severity: 'Notice',
    object: nameOf('Port', port),
    message: `interface ${name} of pod ${pod.name}: AttachedLate: ${message}`,
    todo: `kubectl -n ${port.metadata.namespace} describe pod ${pod.name}`,
  };
}
