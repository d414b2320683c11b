// SPDX-License-Identifier: Apache-2.0
import { functionLabelOf } from '../../../api/function-names.ts';
import { labels } from '../../../api/index.ts';
import type { ReportedState } from '../../../api/report.ts';
import type { Pod } from '../../../kube/slim.ts';
import type { WorkloadOwner } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';
import type { InstanceFacts } from '../../status/workload/instances.ts';
import { isInstanceOf, type MakerStores } from './lineage.ts';

type Named = Pick<WorkloadOwner, 'kind' | 'namespace' | 'name'>;

/** The stores with the pods of workloads, and with what proves that they are these pods. */
export type InstanceStores = MakerStores & Pick<Stores, 'pods' | 'ports'>;

/**
 * The pods of a workload that have not ended, by name. Terminating pods are in, because they still work. Pods that
 * only have the label are not in.
 */
export function observePods(stores: InstanceStores, workload: WorkloadOwner): readonly Pod[] {
  const { kind, namespace, name } = workload;
  return stores.pods
    .byIndex('function', `${namespace}/${functionLabelOf(kind, name)}`)
    .filter((pod) => !hasEnded(pod.status.phase) && isInstanceOf(stores, pod, workload))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

export function hasEnded(phase: Pod['status']['phase']): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Those of the pods that are not terminating, with the last report of each. */
export function observeInstances<Report extends ReportedState>(
  pods: readonly Pod[],
  said: ReadonlyMap<string, Report>,
): readonly InstanceFacts<Report>[] {
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata, status }) => ({
      pod: metadata.name,
      ready: status.ready,
      trouble: status.trouble,
      report: said.get(metadata.uid),
    }));
}

/** Label selector of a workload's pods, as `kubectl get pods -l` takes it. */
export function selectorOf({ kind, name }: Pick<Named, 'kind' | 'name'>): string {
  return `${labels.function}=${functionLabelOf(kind, name)}`;
}
