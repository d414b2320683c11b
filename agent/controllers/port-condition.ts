// SPDX-License-Identifier: Apache-2.0
import { type Condition, findCondition, renderConditions } from '../../api/conditions.ts';
import type { Port } from '../../api/index.ts';
import { joinKey } from '../../api/key.ts';
import type { Verdict } from '../../api/reasons.ts';
import { sameJson } from '../../kube/base/same-json.ts';
import { resources } from '../../kube/resource.ts';
import type { AgentContext } from './context.ts';

type Ready = Extract<Verdict<'Port'>, { type: 'Ready' }>;

const READY = {
  Attached: { type: 'Ready', status: 'True', reason: 'Attached', message: 'The interface is in the pod.' },
  AttachedLate: {
    type: 'Ready',
    status: 'True',
    reason: 'AttachedLate',
    message:
      'The interface is in the pod, and came after a container had started. If a process looked for it before, create the pod again.',
  },
  PodStartedWithout: {
    type: 'Ready',
    status: 'False',
    reason: 'PodStartedWithout',
    message:
      'The pod runs without the interface, since it cannot be attached; the log of the agent says why.',
  },
  InterfaceInUse: {
    type: 'Ready',
    status: 'False',
    reason: 'InterfaceInUse',
    message: 'The pod has another interface of this name, which Heddle has not made.',
  },
  Detached: {
    type: 'Ready',
    status: 'False',
    reason: 'Detached',
    message: 'The pod has no sandbox on its node.',
  },
  Withdrawn: {
    type: 'Ready',
    status: 'False',
    reason: 'Detached',
    message: 'The interface was removed from the pod; the condition Accepted says why.',
  },
} as const satisfies Readonly<Record<string, Ready>>;

/** Whether a Port has its interface on this node; `Withdrawn`: it was removed while the pod goes on. */
export type PortState = keyof typeof READY;

/** Writes the condition Ready of a Port, unless it says so already. */
export async function reportPort(
  { writer, log }: Pick<AgentContext, 'writer' | 'log'>,
  port: Port,
  state: PortState,
): Promise<void> {
  const conditions = renderReady(port, state, new Date());
  if (sameJson(conditions, [findCondition(port.status?.conditions, 'Ready')])) return;
  const { namespace, name, uid } = port.metadata;
  await writer.applyStatus(resources.ports, { metadata: { namespace, name, uid }, status: { conditions } });
  log.info({ port: joinKey(namespace, name), reason: state }, 'port reported');
}

/** Pure: the conditions of a Port that are the agent's. */
export function renderReady(port: Port, state: PortState, now: Date): Condition[] {
  return renderConditions({
    kind: 'Port',
    verdicts: [READY[state]],
    previous: port.status?.conditions,
    generation: port.metadata.generation ?? 0,
    now,
  });
}
