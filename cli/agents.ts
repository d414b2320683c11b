// SPDX-License-Identifier: Apache-2.0
import { findCondition, isTrue } from '../api/conditions.ts';
import { selectorOfHeddle } from '../api/names.ts';
import { resources } from '../kube/resource.ts';
import type { WirePod } from '../kube/wire.ts';
import type { Cluster } from './cluster.ts';

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
