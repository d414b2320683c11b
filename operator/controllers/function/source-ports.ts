// SPDX-License-Identifier: Apache-2.0
import { selectedPodsNameOf } from '../../../api/function-names.ts';
import { joinKey } from '../../../api/key.ts';
import { selectedPodsEntry } from '../../../api/selected-pods.ts';
import { functionValue } from '../../../kube/index-values.ts';
import { parseShares, type Shares } from '../../compile/function/source-ports.ts';
import type { Owner } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';

/** The ids of a function's instances. One that drains is among them: its Port is there until it has ended. */
export function observeInstanceIds(stores: Pick<Stores, 'ports'>, owner: Owner): readonly number[] {
  return stores.ports
    .byIndex('function', functionValue(owner.namespace, owner))
    .flatMap(({ spec }) => (spec.instance === undefined ? [] : [spec.instance]));
}

/** The source ports that a function's instances have, as its ConfigMap says. */
export function observeSourcePorts(
  stores: Pick<Stores, 'configMaps'>,
  { kind, namespace, name }: Owner,
): Shares {
  const stored = stores.configMaps.get(joinKey(namespace, selectedPodsNameOf(kind, name)));
  return parseShares(stored?.data?.[selectedPodsEntry]);
}
