// SPDX-License-Identifier: Apache-2.0
import { percentile, table } from '../figures.ts';
import type { Section } from '../section.ts';
import { type Outcome, REMOTE_PORTS } from './scenario.ts';

/** Renders the measurements as a table. */
export function renderNetworks(outcome: Outcome): Section {
  const { plan, maps, memory } = outcome;
  const rows = [
    ['all networks into empty maps', seconds(outcome.fromEmpty)],
    ['a new agent, from its start to having taken over', seconds(outcome.restart)],
    ['an edit of a chain, to the kernel', spread(outcome.chainEdits)],
    ['a new Port on another node, to the kernel', spread(outcome.newPorts)],
    ["a pod's interface, its network included", spread(outcome.attach)],
    ['maps in the kernel', `${mebibytes(maps.bytes)} (${mebibytes(maps.emptyBytes)} when empty)`],
    ["agent, and its kernel's process", `${mebibytes(memory.agent)} and ${mebibytes(memory.children)}`],
    ['its report, as JSON', `${Math.ceil(outcome.reportBytes / 1024)} KiB`],
  ];
  return {
    title: `${plan.networks.toLocaleString('en-US')} networks on one node`,
    markdown: `${introduction(outcome)}\n\n${table(['', 'measured'], rows)}`,
  };
}

function introduction({ plan }: Outcome): string {
  return `One agent with real pinned maps, without API server and container runtime (its stores are filled directly). Each
network has ${REMOTE_PORTS} Ports on three other nodes and a chain through a firewall, one of whose two instances is on this
node: so this node needs every network. ${plan.attached} of the networks have an interface here, made by the agent.`;
}

function spread(times: readonly number[]): string {
  const at = (percent: number): string => `${percentile(times, percent).toFixed(1)} ms`;
  return `p50 ${at(50)}, p99 ${at(99)} (${times.length} times)`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
