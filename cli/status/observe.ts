// SPDX-License-Identifier: Apache-2.0
import type {
  ChainSlice,
  CustomFunction,
  Firewall,
  LoadBalancer,
  NodeReport,
  Port,
  ServiceChain,
  VirtualNetwork,
} from '../../api/index.ts';
import type { Vpn, VpnPeer } from '../../api/vpn-objects.ts';
import { isNotFound } from '../../kube/api-error.ts';
import { type Clock, sleep } from '../../kube/base/clock.ts';
import type { Lease } from '../../kube/lease-record.ts';
import type { KubeObject } from '../../kube/object.ts';
import { objectPath, type Resource, resources } from '../../kube/resource.ts';
import { type Node, slimNode } from '../../kube/slim.ts';
import type { Service, WireNode, WirePod } from '../../kube/wire.ts';
import { isPodReady, listAgentPods, whyNotReady } from '../agents.ts';
import { type Cluster, fullName } from '../cluster.ts';
import { Complaint, complainOf } from '../complaint.ts';
import { type Sample, sampleAgents } from '../drops/sample.ts';
import { observeWaiting } from './pods.ts';
import type { AgentPod, KernelView, Leader, Part, Workload, World } from './world.ts';

const DAEMON_SETS: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
};

/** The time between two readings of the drop counters. */
const GROWTH_MS = 1000;

export interface Scope {
  readonly systemNamespace: string;
  readonly namespace: string | undefined;
}

/**
 * Reads everything that the status needs. The user's own objects must be readable; parts of the system that the user
 * may not read are left out, and the result says so.
 */
export async function observeWorld(cluster: Cluster, scope: Scope, clock: Clock): Promise<World> {
  const { namespace, systemNamespace } = scope;
  const own = { namespace };
  // One request first: if Heddle is not installed, or the user has no rights, it is enough to say so.
  const networks = await cluster.list<VirtualNetwork & KubeObject>(resources.virtualNetworks, own);
  const [chains, slices, firewalls, loadBalancers, customFunctions, vpns, vpnPeers, ports] =
    await Promise.all([
      cluster.list<ServiceChain>(resources.serviceChains, own),
      cluster.list<ChainSlice>(resources.chainSlices, own),
      cluster.list<Firewall>(resources.firewalls, own),
      cluster.list<LoadBalancer>(resources.loadBalancers, own),
      cluster.list<CustomFunction>(resources.customFunctions, own),
      cluster.list<Vpn>(resources.vpns, own),
      cluster.list<VpnPeer>(resources.vpnPeers, own),
      cluster.list<Port>(resources.ports, own),
    ]);
  const pods = await partOf(listAgentPods(cluster, systemNamespace));
  const [waiting, services, operator, agents, leader, reports, nodes, kernels] = await Promise.all([
    partOf(observeWaiting(cluster, namespace, ports)),
    partOf(cluster.list<Service>(resources.services, own)),
    findOne<Workload>(cluster, resources.deployments, 'heddle-operator', systemNamespace),
    findOne<Workload>(cluster, DAEMON_SETS, 'heddle-agent', systemNamespace),
    findOne<Lease>(cluster, resources.leases, 'heddle-operator', systemNamespace),
    partOf(cluster.list<NodeReport>(resources.nodeReports, { namespace: systemNamespace })),
    partOf(cluster.list<WireNode>(resources.nodes)),
    pods.kind === 'Seen' ? partOf(observeKernels(cluster, pods.value, clock)) : pods,
  ]);
  return {
    systemNamespace,
    namespace,
    now: clock.now(),
    networks,
    chains,
    slices,
    firewalls,
    loadBalancers,
    customFunctions,
    vpns,
    vpnPeers,
    ports,
    waiting,
    services,
    operator,
    agents,
    leader: mapPart(leader, (lease) => lease && leaderOf(lease, clock.now())),
    agentPods: mapPart(pods, (all) => all.map(agentPodOf)),
    reports,
    nodes: mapPart(nodes, (all): readonly Node[] => all.map(slimNode)),
    kernels,
  };
}

/** Turns a Complaint (mostly a missing right) into a part that is missing; throws all other errors. */
async function partOf<T>(question: Promise<T>): Promise<Part<T>> {
  try {
    return { kind: 'Seen', value: await question };
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    return { kind: 'Unread', why: error.message };
  }
}

function mapPart<T, U>(part: Part<T>, map: (value: T) => U): Part<U> {
  return part.kind === 'Seen' ? { kind: 'Seen', value: map(part.value) } : part;
}

function findOne<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource,
  name: string,
  namespace: string,
): Promise<Part<T | undefined>> {
  const find = async (): Promise<T | undefined> => {
    try {
      return await cluster.transport.request<T>('GET', objectPath({ resource, name, namespace }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw complainOf(error, { verb: 'get', resource: fullName(resource), namespace });
    }
  };
  return partOf(find());
}

function leaderOf({ spec }: Lease, now: number): Leader {
  return {
    holder: spec?.holderIdentity || undefined,
    ageMs: now - Date.parse(spec?.renewTime ?? ''),
    durationMs: (spec?.leaseDurationSeconds ?? 0) * 1000,
  };
}

function agentPodOf(pod: WirePod): AgentPod {
  return {
    name: pod.metadata?.name ?? '',
    node: pod.spec?.nodeName,
    ready: isPodReady(pod),
    why: whyNotReady(pod),
  };
}

/**
 * Reads the kernels' state from agents. Agents that do not answer are left out: another finding says that they are not
 * ready.
 */
async function observeKernels(
  cluster: Cluster,
  pods: readonly WirePod[],
  clock: Clock,
): Promise<readonly KernelView[]> {
  const before = await sampleAgents(cluster, pods, clock.monotonic);
  const refusal = before.length > 0 && before.every(({ error }) => error !== undefined) && before[0]?.error;
  if (refusal) throw new Complaint(refusal);
  await sleep(clock, GROWTH_MS);
  const after = await sampleAgents(cluster, pods, clock.monotonic);
  return after.flatMap((sample) => viewOf(before, sample) ?? []);
}

function viewOf(before: readonly Sample[], after: Sample): KernelView | undefined {
  const first = before.find(({ node }) => node === after.node);
  if (!first?.counters || !after.counters) return undefined;
  const known = first.counters.drops;
  const downBefore = new Set(first.counters.down ?? []);
  const packets = Object.entries(after.counters.drops).map(([reason, count]) => {
    const grown = count - (known[reason] ?? 0);
    // A data path that was loaded again counts from zero.
    return [reason, Math.max(0, grown)] as const;
  });
  return {
    node: after.node,
    seconds: (after.at - first.at) / 1000,
    packets: Object.fromEntries(packets),
    down: (after.counters.down ?? []).filter((id) => downBefore.has(id)),
  };
}
