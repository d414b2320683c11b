// SPDX-License-Identifier: Apache-2.0
import { selectedPodsNameOf } from '../../../api/function-names.ts';
import { hashInputs, secretKey } from '../../../api/inputs-hash.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Readable } from '../../compile/workload/rights.ts';
import type { WorkloadOwner } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';

/**
 * The hash of the present ConfigMaps and Secrets that a workload's pods read. Pods report this hash when they have
 * applied them.
 */
export function observeInputs(
  stores: Pick<Stores, 'configMaps' | 'configMapVersions' | 'secrets'>,
  { kind, namespace, name }: Pick<WorkloadOwner, 'kind' | 'namespace' | 'name'>,
  { configMaps, secrets }: Readable,
): string {
  const selectedPods = selectedPodsNameOf(kind, name);
  return hashInputs(
    new Map<string, KubeObject | undefined>([
      [selectedPods, stores.configMaps.get(`${namespace}/${selectedPods}`)],
      ...configMaps.map((each) => [each, stores.configMapVersions.get(`${namespace}/${each}`)] as const),
      ...secrets.map((each) => [secretKey(each), stores.secrets.get(`${namespace}/${each}`)] as const),
    ]),
  );
}
