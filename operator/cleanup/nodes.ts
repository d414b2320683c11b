// SPDX-License-Identifier: Apache-2.0
import { isNotFound } from '../../kube/api-error.ts';
import { objectPath } from '../../kube/resource.ts';
import { daemonSets } from './order.ts';
import type { Cleanup } from './resources.ts';
import { deadlineIn, waitUntil } from './wait.ts';

interface DaemonSet {
  readonly metadata: { readonly generation?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
  };
}

/**
 * Waits until the hook's DaemonSet has removed on every node what the agents pinned. At the deadline it logs a
 * warning instead.
 */
export async function waitForNodeCleanup(cleanup: Cleanup): Promise<void> {
  const { transport, clock, log, namespace } = cleanup;
  const path = objectPath({ resource: daemonSets, namespace, name: 'heddle-node-cleanup' });
  const done = async (): Promise<boolean> => {
    try {
      return hasRunEverywhere(await transport.request<DaemonSet>('GET', path));
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  };
  const finished = await waitUntil(deadlineIn(clock, cleanup.deadlineSeconds), done);
  if (finished) log.info('the nodes are clean');
  else
    log.warn(
      'some nodes did not answer: /sys/fs/bpf/heddle, the link "heddle0" and the table "inet heddle" of nftables may be left on them',
    );
}

/**
 * Pure: whether a DaemonSet has run everywhere. One that no node runs is complete once its controller has observed
 * it.
 */
export function hasRunEverywhere({ metadata, status }: DaemonSet): boolean {
  if (!status || (status.observedGeneration ?? 0) < (metadata.generation ?? 1)) return false;
  return (status.numberReady ?? 0) >= (status.desiredNumberScheduled ?? 0);
}
