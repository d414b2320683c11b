// SPDX-License-Identifier: Apache-2.0
import { labels } from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import { judgeLineage, type Lineage } from '../../compile/workload/lineage.ts';
import type { WorkloadOwner } from '../../compile/workload/types.ts';
import type { Pod, Stores } from '../../observe/stores.ts';

/** The stores that show who made a pod. */
export type MakerStores = Pick<Stores, 'replicaSets' | 'deployments'>;

/** Whether the operator's Deployment for a workload made a pod. */
export function observeLineage(stores: MakerStores, pod: Pod, workload: WorkloadOwner): Lineage {
  const keyOf = (name: string): string => joinKey(pod.metadata.namespace, name);
  return judgeLineage(pod, workload, {
    replicaSet: (name) => stores.replicaSets.get(keyOf(name)),
    deployment: (name) => stores.deployments.get(keyOf(name)),
  });
}

/**
 * Whether a pod is an instance of a workload. A pod whose ReplicaSet or Deployment was deleted while it drains has
 * been judged before: it has the Port of an instance, which only the operator makes.
 */
export function isInstanceOf(
  stores: MakerStores & Pick<Stores, 'ports'>,
  pod: Pod,
  workload: WorkloadOwner,
): boolean {
  const lineage = observeLineage(stores, pod, workload);
  return lineage === 'Ours' || (lineage === 'Unknown' && hasInstancePort(stores, pod));
}

function hasInstancePort(stores: Pick<Stores, 'ports'>, pod: Pod): boolean {
  return stores.ports
    .byIndex('pod', pod.metadata.uid)
    .some(
      ({ metadata, spec }) => spec.function !== undefined || metadata.labels?.[labels.gateway] !== undefined,
    );
}
