// SPDX-License-Identifier: Apache-2.0
import { splitKey } from '../../api/key.ts';
import type { TracedPacket, TracePlace, TraceStep } from '../../api/trace.ts';
import type { FirewallVerdict } from '../../api/verdict.ts';
import { resources } from '../../kube/resource.ts';
import type { Query } from '../../kube/transport.ts';
import type { WirePod } from '../../kube/wire.ts';
import { listAgentPods } from '../agents.ts';
import { askAgent, askFunction } from '../ask.ts';
import type { Cluster } from '../cluster.ts';
import { Complaint } from '../complaint.ts';
import type { InstanceNext, Judgement, Witnesses } from './walk.ts';

/** Echo reply and echo request, of ICMP and ICMPv6. */
const ECHO: Readonly<Record<number, { readonly request: number; readonly reply: number }>> = {
  1: { request: 8, reply: 0 },
  58: { request: 128, reply: 129 },
};

/** Asks the agents and the functions, through the API server. */
export async function openWitnesses(cluster: Cluster, systemNamespace: string): Promise<Witnesses> {
  const agents = await listAgentPods(cluster, systemNamespace);
  return {
    step: (node, place, packet) => askNode(cluster, agents, { node, place, packet }),
    verdict: (hop, packet) => askFirewall(cluster, hop, packet),
  };
}

function askNode(
  cluster: Cluster,
  agents: readonly WirePod[],
  {
    node,
    place,
    packet,
  }: { readonly node: string; readonly place: TracePlace; readonly packet: TracedPacket },
): Promise<TraceStep> {
  const agent = agents.find(({ spec }) => spec?.nodeName === node);
  if (!agent) throw new Complaint(`no agent runs on node ${node}, so the state of its kernel is not known`);
  return askAgent<TraceStep>(cluster, agent, { path: '/trace', query: { ...packet, ...place } as Query });
}

/**
 * Asks a function for its verdict; only firewalls have verdicts. An error becomes part of the answer, and the trace
 * goes on.
 */
async function askFirewall(
  cluster: Cluster,
  hop: InstanceNext,
  packet: TracedPacket,
): Promise<Judgement | undefined> {
  if (!hop.function?.startsWith('Firewall/')) return undefined;
  if (hop.pod === undefined)
    return { kind: 'Silent', why: `the pod of instance ${hop.instance} is not known` };
  const { namespace, name } = splitKey(hop.pod);
  const { opens: _, ...tuple } = packet;
  const echo = ECHO[packet.protocol];
  const query = {
    ...tuple,
    path: hop.path,
    reply: hop.reply,
    ...(echo ? { icmpType: hop.reply ? echo.reply : echo.request } : {}),
  };
  try {
    const pod = await cluster.get<WirePod>(resources.pods, name, namespace);
    return {
      kind: 'Verdict',
      verdict: await askFunction<FirewallVerdict>(cluster, pod, { path: '/verdict', query }),
    };
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    return { kind: 'Silent', why: error.message };
  }
}
