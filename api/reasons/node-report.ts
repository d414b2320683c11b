// SPDX-License-Identifier: Apache-2.0
import type { Row } from './row.ts';

/** Reasons of NodeReports; sorted by place, status and reason. */
export const nodeReportReasons = [
  {
    kind: 'NodeReport',
    on: 'FlowsInBudget',
    status: 'False',
    reason: 'FlowsSpilled',
    means:
      'A pod or a network opens flows so fast that they would evict those of others from the node’s tables. What is over its budget is in tables of its own. The message names the network and the senders.',
    todo: 'Look at what the senders do. If it is their work, raise `agent.flows`: budgets grow with it.',
  },
  {
    kind: 'NodeReport',
    on: 'PodsAttached',
    status: 'False',
    reason: 'PodsStartedWithout',
    means:
      'Pods of the node run without an interface that they ask for: they started while the agent could not be asked. The message names them.',
    todo: 'Read the Events of these pods. Delete those that must not run without the interface.',
  },
  {
    kind: 'NodeReport',
    on: 'PodsAttached',
    status: 'Unknown',
    reason: 'RuntimeWaits',
    means:
      'The container runtime has taken the agent and does not ask it yet, because it waits for a container that is being stopped. No pod starts on the node meanwhile.',
    todo: 'Look for a pod that stays in Terminating on the node: kill its process on the node, or wait for the end of its grace period. A shorter grace period does not help any more, since the runtime does not take it up meanwhile.',
  },
  {
    kind: 'NodeReport',
    on: 'Ready',
    status: 'False',
    reason: 'MapFull',
    means:
      'A BPF map in the node’s kernel is full. Its present entries continue to work; the message names the map and what is missing.',
    todo: 'Move pods of networks or functions to other nodes, or remove some; the agent tries again by itself.',
  },
  {
    kind: 'NodeReport',
    on: 'Ready',
    status: 'False',
    reason: 'ProbesFailing',
    means:
      'The agent cannot send probes. Instances that were up stay in use; an instance of the node that fails now is not detected.',
    todo: 'Read the message. If a device heddle-probe0 or heddle-probe1 was deleted, delete the agent’s pod.',
  },
  {
    kind: 'NodeReport',
    on: 'Ready',
    status: 'True',
    reason: 'AgentRunning',
    means: 'The agent maintains the data path of this node.',
    todo: '',
  },
] as const satisfies readonly Row[];
