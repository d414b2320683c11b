// SPDX-License-Identifier: Apache-2.0
import { type Condition, findCondition, renderConditions } from '../../api/conditions.ts';
import type { Port } from '../../api/index.ts';
import { joinKey } from '../../api/key.ts';
import type { Verdict } from '../../api/reasons.ts';
import { sameJson } from '../../kube/base/same-json.ts';
import { resources } from '../../kube/resource.ts';
import type { AgentContext } from './context.ts';

/** Whether a Port has its interface on this node; `Withdrawn`: it was removed while the pod goes on. */
export type PortState = 'Attached' | 'Detached' | 'Withdrawn';

type Ready = Extract<Verdict<'Port'>, { type: 'Ready' }>;

const READY: Readonly<Record<PortState, Ready>> = {
  Attached: { type: 'Ready', status: 'True', reason: 'Attached', message: 'The interface is in the pod.' },
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
};

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
