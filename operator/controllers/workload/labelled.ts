// SPDX-License-Identifier: Apache-2.0
import { functionLabelOf } from '../../../api/function-names.ts';
import type { FunctionObject, WorkloadKind } from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { StoreReader } from '../../../kube/store.ts';
import type { Stores } from '../../observe/stores.ts';
import { type FunctionStores, functionsOf } from '../function/stores.ts';

export type WorkloadObject = FunctionObject | Vpn;

/** The objects of a kind that runs pods. */
export function workloadsOf(
  stores: FunctionStores & Pick<Stores, 'vpns'>,
  kind: WorkloadKind,
): StoreReader<WorkloadObject, never> {
  return kind === 'VPN' ? stores.vpns : functionsOf(stores, kind);
}

/**
 * The object of a kind that a value of the label `heddle.dev/function` names. The label has a hash in place of a long
 * name, so it is compared with the labels of the objects that exist.
 */
export function findLabelled<T extends KubeObject>(
  kind: WorkloadKind,
  store: StoreReader<T>,
  { namespace, label }: { readonly namespace: string; readonly label: string | undefined },
): T | undefined {
  const prefix = `${kind.toLowerCase()}.`;
  if (!label?.startsWith(prefix)) return undefined;
  const name = label.slice(prefix.length);
  const plain = functionLabelOf(kind, name) === label ? store.get(joinKey(namespace, name)) : undefined;
  if (plain !== undefined) return plain;
  return [...store.values()].find(
    ({ metadata }) =>
      metadata?.namespace === namespace && functionLabelOf(kind, metadata.name ?? '') === label,
  );
}
