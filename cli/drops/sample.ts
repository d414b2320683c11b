// SPDX-License-Identifier: Apache-2.0
import type { NodeCounters } from '../../api/counters.ts';
import type { WirePod } from '../../kube/wire.ts';
import { isPodReady } from '../agents.ts';
import { askAgent } from '../ask.ts';
import type { Cluster } from '../cluster.ts';

/** The counters of one node at one moment; `error` when its agent did not answer. */
export interface Sample {
  readonly node: string;
  readonly at: number;
  readonly counters: NodeCounters | undefined;
  readonly error: string | undefined;
}

/** Asks all agents at once. `now` is a monotonic clock in milliseconds. */
export function sampleAgents(
  cluster: Cluster,
  pods: readonly WirePod[],
  now: () => number,
): Promise<readonly Sample[]> {
  const asked = pods.filter((pod) => isPodReady(pod) || pod.status?.phase === 'Running');
  return Promise.all(
    asked.map(async (pod): Promise<Sample> => {
      const node = pod.spec?.nodeName ?? pod.metadata?.name ?? '';
      try {
        const counters = await askAgent<NodeCounters>(cluster, pod, { path: '/counters' });
        return { node, at: now(), counters, error: undefined };
      } catch (error) {
        return { node, at: now(), counters: undefined, error: (error as Error).message };
      }
    }),
  );
}
