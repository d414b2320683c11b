// SPDX-License-Identifier: Apache-2.0
import { findCondition, isTrue } from '../api/conditions.ts';
import { selectorOfHeddle } from '../api/names.ts';
import { objectPath, resources } from '../kube/resource.ts';
import type { Query } from '../kube/transport.ts';
import type { WirePod } from '../kube/wire.ts';
import type { Cluster } from './cluster.ts';
import { complainOf } from './complaint.ts';

const SELECTOR = selectorOfHeddle('agent');

/** Lists the pods of the agents, one for each node. */
export function listAgentPods(cluster: Cluster, systemNamespace: string): Promise<readonly WirePod[]> {
  return cluster.list<WirePod>(resources.pods, {
    namespace: systemNamespace,
    query: { labelSelector: SELECTOR },
  });
}

export function isPodReady(pod: WirePod): boolean {
  return isTrue(pod.status?.conditions, 'Ready');
}

/** Why a pod is not ready, in a few words. */
export function whyNotReady(pod: WirePod): string {
  for (const { name, state } of pod.status?.containerStatuses ?? []) {
    const { waiting, terminated } = state ?? {};
    if (waiting?.reason) return `${name}: ${waiting.reason}`;
    if (terminated?.reason) return `${name}: ${terminated.reason}`;
  }
  return isPodReady(pod) ? '' : (findCondition(pod.status?.conditions, 'Ready')?.message ?? '');
}

/**
 * Sends a request to the program in a pod, through the API server. The caller needs the right to `get pods/proxy`
 * there, and no network path to the pod.
 */
export async function askPod<T>(
  cluster: Cluster,
  pod: WirePod,
  question: { readonly path: string; readonly query?: Query },
): Promise<T> {
  const { name = '', namespace } = pod.metadata ?? {};
  const port = httpPortOf(pod);
  const ref = { resource: resources.pods, namespace, name: `${name}:${port}` };
  try {
    return await cluster.transport.request<T>('GET', `${objectPath(ref, 'proxy')}${question.path}`, {
      timeoutMs: 10_000,
      ...(question.query ? { query: question.query } : {}),
    });
  } catch (error) {
    throw complainOf(error, { verb: 'get', resource: 'pods/proxy', namespace });
  }
}

/** The container port with the name `http`, which the chart and the operator use. */
function httpPortOf(pod: WirePod): number {
  const ports = pod.spec?.containers?.flatMap((container) => container.ports ?? []) ?? [];
  const found = ports.find(({ name }) => name === 'http');
  if (!found) throw new Error(`pod ${pod.metadata?.name} has no container port named http`);
  return found.containerPort;
}
