// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../api/conditions.ts';
import type { Verdict } from '../../api/reasons.ts';
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

function tellFullMaps(refused: Trouble['refused']): string {
  const maps = [...new Set(refused.values())].sort().join(', ');
  return (
    `The kernel's maps have no room for more (${maps}): what they hold is served as before, and what came last is ` +
    `missing of ${nameSome([...refused.keys()].sort())}. Move pods of networks or functions to other nodes, or remove ` +
    'some; the agent tries again by itself.'
  );
}
