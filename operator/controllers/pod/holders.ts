// SPDX-License-Identifier: Apache-2.0
import type { NamespacedName, Port } from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import { networkValue } from '../../../kube/index-values.ts';
import { type Holder, kinshipOf } from '../../compile/ports/holder.ts';
import type { Pod, Stores } from '../../observe/stores.ts';

/** Networks with more Ports than this are not searched for Ports of deleted pods. */
const MOST_PORTS = 4096;

/** Who holds what a pod asks for, by a key of the ledger. */
export function observeHolder(stores: Pick<Stores, 'ports' | 'pods'>, pod: Pod, key: string): Holder {
  const port = stores.ports.get(key);
  // A Port that was written and is not seen yet has a key like any other; that of a load balancer names its kind.
  if (!port) return { name: key.includes(' ') ? key : `Port ${key}`, pod: 'Stays' };
  const name = `Port ${key}`;
  const other = podOf(stores, port);
  if (!other) return { name, pod: 'Gone' };
  const { phase } = other.status;
  const ends = other.metadata.deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed';
  return { name, pod: ends ? 'Ends' : 'Stays', kin: kinshipOf(pod, other) };
}

/** Whether a Port of a network belongs to a pod that is deleted: the garbage collector deletes it within moments. */
export function observeVacating(stores: Pick<Stores, 'ports' | 'pods'>, network: NamespacedName): boolean {
  const ports = stores.ports.byIndex('network', networkValue(network));
  return ports.length <= MOST_PORTS && ports.some((port) => podOf(stores, port) === undefined);
}

function podOf({ pods }: Pick<Stores, 'pods'>, { metadata, spec }: Port): Pod | undefined {
  const pod = pods.get(joinKey(metadata.namespace, spec.pod.name));
  return pod?.metadata.uid === spec.pod.uid ? pod : undefined;
}
