// SPDX-License-Identifier: Apache-2.0
import type { Row } from './row.ts';

/** Sorted by place, status and reason. */
export const nodeReportReasons = [
  {
    kind: 'NodeReport',
    on: 'Ready',
    status: 'False',
    reason: 'MapFull',
    means:
      'A map of the node’s kernel has no room. What it holds is served as before; the message names what is missing and the map.',
    todo: 'Move pods of networks or functions to other nodes, or remove some; the agent tries again by itself.',
  },
  {
    kind: 'NodeReport',
    on: 'Ready',
    status: 'False',
    reason: 'ProbesFailing',
    means:
      'The agent cannot send probes. What was up stays in use; instances of the node that fail now are not noticed.',
    todo: 'Read the message. If a device heddle-probe0 or heddle-probe1 was deleted, delete the agent’s pod.',
  },
  {
    kind: 'NodeReport',
    on: 'Ready',
    status: 'True',
    reason: 'AgentRunning',
    means: 'The agent keeps the data path of this node.',
    todo: '',
  },
] as const satisfies readonly Row[];
