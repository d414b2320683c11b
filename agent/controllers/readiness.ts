import { nameSome } from '../../operator/api/conditions.ts';
import type { BpfMapName } from '../render/generated/layout.ts';

/** What the condition Ready of a NodeReport says, but for its time. */
export interface Readiness {
  readonly status: 'True' | 'False';
  readonly reason: 'AgentRunning' | 'MapFull';
  readonly message: string;
}

/** Pure: whether the agent could write what it wants. */
export function judgeReadiness(refused: ReadonlyMap<string, BpfMapName>): Readiness {
  if (refused.size === 0) {
    const message = 'The agent keeps the data path of this node.';
    return { status: 'True', reason: 'AgentRunning', message };
  }
  const maps = [...new Set(refused.values())].sort().join(', ');
  const message =
    `The kernel's maps have no room for more (${maps}): what they hold is served as before, and what came last is ` +
    `missing of ${nameSome([...refused.keys()].sort())}. Move pods of networks or functions to other nodes, or remove ` +
    'some; the agent tries again by itself.';
  return { status: 'False', reason: 'MapFull', message };
}
