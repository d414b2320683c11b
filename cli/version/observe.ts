// SPDX-License-Identifier: Apache-2.0
import { release } from '../../api/generated/version.ts';
import { type NodeReport, selectorOfHeddle } from '../../api/index.ts';
import { resources } from '../../kube/resource.ts';
import type { WirePod } from '../../kube/wire.ts';
import { askPod } from '../ask.ts';
import type { Cluster } from '../cluster.ts';
import { Complaint } from '../complaint.ts';
import type { Program } from './skew.ts';

export interface VersionScope {
  readonly systemNamespace: string;
  /** The namespace whose functions are asked; undefined: all namespaces. */
  readonly namespace: string | undefined;
}

/** Asks every program for its release. What the user may not read is reported in its place. */
export async function observePrograms(cluster: Cluster, scope: VersionScope): Promise<readonly Program[]> {
  const { systemNamespace, namespace } = scope;
  const [operators, agents, functions] = await Promise.all([
    askPods(cluster, 'operator', systemNamespace),
    agentsOf(cluster, systemNamespace),
    askPods(cluster, 'function', namespace),
  ]);
  return [{ component: 'client', name: '', version: release }, ...operators, ...agents, ...functions];
}

/** Agents report their release in their NodeReports, so no right to ask their pods is needed. */
async function agentsOf(cluster: Cluster, namespace: string): Promise<readonly Program[]> {
  try {
    const reports = await cluster.list<NodeReport>(resources.nodeReports, { namespace });
    return reports.map(({ metadata, status }) => ({
      component: 'agent',
      name: metadata.name,
      version: status?.agentVersion,
      ...(status?.agentVersion ? {} : { why: 'its NodeReport does not say' }),
    }));
  } catch (error) {
    return [unread('agent', error)];
  }
}

async function askPods(
  cluster: Cluster,
  component: 'operator' | 'function',
  namespace: string | undefined,
): Promise<readonly Program[]> {
  try {
    const labelSelector = selectorOfHeddle(component);
    const pods = await cluster.list<WirePod>(resources.pods, { namespace, query: { labelSelector } });
    const running = pods.filter(({ status }) => status?.phase === 'Running');
    return await Promise.all(running.map((pod) => askVersion(cluster, component, pod)));
  } catch (error) {
    return [unread(component, error)];
  }
}

async function askVersion(
  cluster: Cluster,
  component: 'operator' | 'function',
  pod: WirePod,
): Promise<Program> {
  const { name = '', namespace } = pod.metadata ?? {};
  const own = { component, name: component === 'operator' ? name : `${namespace}/${name}` };
  try {
    const answer = await askPod<{ readonly version?: unknown }>(cluster, pod, { path: '/version' });
    const version = typeof answer.version === 'string' ? answer.version.slice(0, 64) : undefined;
    return { ...own, version, ...(version ? {} : { why: 'it does not say' }) };
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    return { ...own, version: undefined, why: error.message };
  }
}

function unread(component: Program['component'], error: unknown): Program {
  if (!(error instanceof Complaint)) throw error;
  return { component, name: '', version: undefined, why: error.message };
}
