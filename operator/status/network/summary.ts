// SPDX-License-Identifier: Apache-2.0
import { nameSome, renderConditions, renderTime } from '../../../api/conditions.ts';
import type { NodeReport, Port, VirtualNetwork, VirtualNetworkStatus } from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import type { Verdict } from '../../../api/reasons.ts';
import type { Usage } from '../../compile/addresses/usage.ts';
import type { RoutesVerdict } from '../../compile/network/routes.ts';
import { guestDeadline, isGuest } from '../../compile/ports/stay.ts';
import { complaintOf, describeNode } from '../node.ts';
import { judgeAdmitted } from './admitted.ts';
import { judgeAccepted, type NetworkFindings } from './checks.ts';
import { judgeRouted } from './routed.ts';

type NetworkVerdict = Verdict<'VirtualNetwork'>;

export interface NetworkInput {
  readonly network: VirtualNetwork;
  readonly findings: NetworkFindings;
  readonly usage: readonly Usage[];
  readonly routes: RoutesVerdict;
  /** Ports of namespaces that the network admits no longer. */
  readonly strangers: readonly Port[];
  readonly ports: readonly Port[];
  readonly report: (node: string) => NodeReport | undefined;
  readonly now: Date;
}

/** Computes the status of a network from the results of compiling and the NodeReports. */
export function summarizeNetwork(input: NetworkInput): VirtualNetworkStatus {
  const { network, findings, usage, ports } = input;
  const nodes = [...new Set(ports.map((port) => port.spec.node))].sort();
  const generation = network.metadata.generation ?? 0;
  const vni = vniOf(input);
  const mtu = findings.mtu.kind === 'Mtu' ? findings.mtu.mtu : undefined;
  return {
    observedGeneration: generation,
    ...(vni === undefined ? {} : { vni }),
    ...(mtu === undefined ? {} : { mtu }),
    subnets: usage,
    routes: input.routes.routes,
    ports: ports.length,
    nodes: nodes.length,
    conditions: renderConditions({
      kind: 'VirtualNetwork',
      verdicts: judge(input, nodes),
      previous: network.status?.conditions,
      generation,
      now: input.now,
    }),
  };
}

/** The Ports that keep a network that is being deleted, for its condition and its Event. */
export function waitingMessage(network: VirtualNetwork, ports: readonly Port[]): string {
  const pods = ports.map(({ metadata, spec }) => joinKey(metadata.namespace, spec.pod.name)).sort();
  const count = ports.length === 1 ? '1 Port' : `${ports.length} Ports`;
  const text = `deletion waits for ${count}, of pods ${nameSome(pods)}; remove these pods and the network goes by itself`;
  const deadline = guestDeadline(network);
  if (deadline === undefined || !ports.some(isGuest)) return text;
  return `${text}; pods of other namespaces are detached at ${renderTime(deadline)}`;
}

function judge(input: NetworkInput, nodes: readonly string[]): NetworkVerdict[] {
  const accepted = judgeAccepted(input.findings);
  const programmed = judgeProgrammed(input, nodes);
  return [
    accepted,
    programmed,
    judgeReady({ input, accepted, programmed }),
    judgeRouted(input.routes),
    judgeAdmitted(input.network, input.strangers),
  ];
}

function judgeProgrammed(
  { network, report }: NetworkInput,
  nodes: readonly string[],
): Extract<NetworkVerdict, { type: 'Programmed' }> {
  const { namespace, name, generation = 0 } = network.metadata;
  const behind = nodes.filter(
    (node) => (report(node)?.status?.networks?.[joinKey(namespace, name)] ?? -1) < generation,
  );
  if (behind.length > 0) {
    const message = `waiting for the agent of node ${nameSome(behind.map((node) => describeNode(node, complaintOf(report(node)))))} to report generation ${generation}`;
    return { type: 'Programmed', status: 'False', reason: 'NodesBehind', message };
  }
  const message =
    nodes.length === 0 ? 'no node has Ports of it' : `${nodes.length} of ${nodes.length} nodes have it`;
  return { type: 'Programmed', status: 'True', reason: 'NodesReported', message };
}

function judgeReady(options: {
  input: NetworkInput;
  accepted: Extract<NetworkVerdict, { type: 'Accepted' }>;
  programmed: Extract<NetworkVerdict, { type: 'Programmed' }>;
}): Extract<NetworkVerdict, { type: 'Ready' }> {
  const { input, accepted, programmed } = options;
  if (input.network.metadata.deletionTimestamp !== undefined) {
    const message = waitingMessage(input.network, input.ports);
    return { type: 'Ready', status: 'False', reason: 'WaitingForPorts', message };
  }
  // The removal of a subnet that Ports still use is refused; the network itself continues to work.
  if (accepted.status === 'False' && accepted.reason !== 'SubnetInUse') {
    return { type: 'Ready', status: 'False', reason: 'NotAccepted', message: accepted.message };
  }
  if (programmed.status === 'False') {
    return { type: 'Ready', status: 'False', reason: 'NotProgrammed', message: programmed.message };
  }
  return { type: 'Ready', status: 'True', reason: 'Ready', message: 'pods can join' };
}

// The VNI stays for the life of the network, even when its spec becomes invalid.
function vniOf({ network, findings }: NetworkInput): number | undefined {
  switch (findings.vni.kind) {
    case 'Keep':
    case 'Take':
      return findings.vni.vni;
    case 'Conflict':
    case 'Exhausted':
      return network.status?.vni;
  }
}
