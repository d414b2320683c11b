// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../api/conditions.ts';
import type { Verdict } from '../../api/reasons.ts';
import type { OverBudget } from '../observe/budgets.ts';
import type { BpfMapName } from '../render/generated/layout.ts';

/** The failures that decide whether the agent is ready. */
export interface Trouble {
  /** The objects that a full map refused, with the map. */
  readonly refused: ReadonlyMap<string, BpfMapName>;
  /** The reason why probes cannot be sent; empty if they are sent. */
  readonly probeFailure: string;
}

/** Pure: the condition Ready of the node report. */
export function judgeReadiness({ refused, probeFailure }: Trouble): Verdict<'NodeReport'> {
  if (refused.size > 0)
    return { type: 'Ready', status: 'False', reason: 'MapFull', message: tellFullMaps(refused) };
  if (probeFailure !== '') {
    const message =
      `Probes cannot be sent (${probeFailure}): what was up stays in use, and instances of this node that fail now are ` +
      'not noticed. If the device heddle-probe0 or heddle-probe1 was deleted, delete the agent’s pod: it makes them anew.';
    return { type: 'Ready', status: 'False', reason: 'ProbesFailing', message };
  }
  return {
    type: 'Ready',
    status: 'True',
    reason: 'AgentRunning',
    message: 'The agent keeps the data path of this node.',
  };
}

/** What prevents pods from starting as they should. */
export interface StartTrouble {
  /** Pods that run without an interface that they ask for, as `namespace/name`. */
  readonly without: readonly string[];
  /** How long the runtime has not called the plugin, although it has taken it; 0 if it does. */
  readonly waitedMs: number;
}

/** A runtime with nothing to wait for lists its pods within moments. */
const PATIENCE_MS = 5000;

/** Pure: the condition PodsAttached of the node report; the report has it only when something is wrong. */
export function judgeStarts(
  { without, waitedMs }: StartTrouble = { without: [], waitedMs: 0 },
): readonly Verdict<'NodeReport'>[] {
  if (without.length > 0) {
    const message = `${without.length} pods run without an interface that they ask for: ${nameSome(without)}. They started while the agent could not be asked, or have lost it since. Their Events say why.`;
    return [{ type: 'PodsAttached', status: 'False', reason: 'PodsStartedWithout', message }];
  }
  if (waitedMs > PATIENCE_MS) {
    const message =
      'The container runtime has taken the agent and does not ask it yet. It waits for a container of this node that is being ' +
      'stopped and does not end. No pod starts on this node meanwhile.';
    return [{ type: 'PodsAttached', status: 'Unknown', reason: 'RuntimeWaits', message }];
  }
  return [];
}

/** Pure: the condition FlowsInBudget of the node report; the report has it only while somebody is over budget. */
export function judgeBudgets(
  over: readonly OverBudget[],
  nameOf: (vni: number) => string,
): readonly Verdict<'NodeReport'>[] {
  if (over.length === 0) return [];
  const whose = [...Map.groupBy(over, ({ vni }) => nameOf(vni))].map(([network, all]) => {
    const senders = all.flatMap(({ sender }) => sender ?? []);
    return senders.length === 0 ? network : `${network} (${nameSome(senders)})`;
  });
  const message =
    `Flows are opened faster than the budget of their sender or their network allows: ${nameSome(whose.sort())}. ` +
    'What is over the budget is in tables of its own, where such flows evict each other; no other flow is concerned.';
  return [{ type: 'FlowsInBudget', status: 'False', reason: 'FlowsSpilled', message }];
}

function tellFullMaps(refused: Trouble['refused']): string {
  const maps = [...new Set(refused.values())].sort().join(', ');
  return (
    `The kernel's maps have no room for more (${maps}): what they hold is served as before, and what came last is ` +
    `missing of ${nameSome([...refused.keys()].sort())}. Move pods of networks or functions to other nodes, or remove ` +
    'some; the agent tries again by itself.'
  );
}
