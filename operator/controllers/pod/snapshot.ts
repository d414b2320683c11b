// SPDX-License-Identifier: Apache-2.0
import { functionLabelOf } from '../../../api/function-names.ts';
import {
  annotations,
  formatComplaint,
  labels,
  type NetworkRequest,
  type Port,
  parseNetworksAnnotation,
} from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import type { Ledger } from '../../compile/addresses/ledger.ts';
import { allFunctionKinds } from '../../compile/function/kinds.ts';
import type { InstanceOf, PodInput, Wanted, Wish } from '../../compile/ports/types.ts';
import type { Pod, Stores } from '../../observe/stores.ts';
import { type FunctionStores, functionsOf } from '../function/stores.ts';
import { observeMtuLimit, observeView } from '../network/snapshot.ts';

/** Reads everything that a pod's Ports are compiled from. */
export function observePod(options: {
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly pod: Pod;
}): PodInput {
  const { stores, ledger, pod } = options;
  const instanceOf = observeInstanceOf(stores, pod);
  return {
    pod,
    wish: parseWish(pod),
    instanceOf,
    nodeExists: pod.spec.nodeName !== undefined && stores.nodes.has(pod.spec.nodeName),
    ports: stores.ports.byIndex('pod', pod.metadata.uid),
    network: (ref) => observeView(stores, ref),
    taken: ledger,
    mtu: instanceOf.kind === 'None' ? undefined : observeMtuLimit(stores)?.mtu,
  };
}

/** Whether a pod uses networks of Heddle. Most pods of a cluster do not. */
export function concernsNetworks(pod: Pod | undefined): pod is Pod {
  if (pod === undefined) return false;
  return pod.metadata.annotations[annotations.networks] !== undefined || isInstance(pod);
}

/** The networks that the annotation of a pod asks for. */
function parseWish({ metadata }: Pod): Wish {
  const text = metadata.annotations[annotations.networks];
  if (text === undefined) return { kind: 'Nothing' };
  const parsed = parseNetworksAnnotation(text, metadata.namespace);
  if (!parsed.ok) {
    const message = `annotation ${annotations.networks}: ${formatComplaint(parsed.complaint)}`;
    return { kind: 'Invalid', message: `${message}; correct it and the pod starts by itself` };
  }
  if (parsed.value.length === 0) return { kind: 'Nothing' };
  return { kind: 'Join', wanted: parsed.value.map(wantedOf) };
}

function wantedOf(request: NetworkRequest, index: number): Wanted {
  return {
    element: `annotation ${annotations.networks}, element ${index + 1}`,
    network: request.network,
    interface: request.interface,
    ips: request.addresses,
    mac: request.mac,
  };
}

function isInstance({ metadata }: Pod): boolean {
  return (
    metadata.annotations[annotations.chainInterface] !== undefined &&
    metadata.labels[labels.function] !== undefined
  );
}

// The label has a hash in place of a long name, so compare it with the labels of existing functions.
function observeInstanceOf(stores: FunctionStores, pod: Pod): InstanceOf {
  if (!isInstance(pod)) return { kind: 'None' };
  const label = pod.metadata.labels[labels.function]!;
  const { namespace } = pod.metadata;
  for (const kind of allFunctionKinds) {
    const functions = functionsOf(stores, kind);
    const name = label.slice(kind.length + 1);
    const isPlain = functionLabelOf(kind, name) === label && functions.has(joinKey(namespace, name));
    if (isPlain) return { kind: 'Function', function: { kind, name } };
    const hashed = [...functions.values()].find(
      ({ metadata }) => metadata.namespace === namespace && functionLabelOf(kind, metadata.name) === label,
    );
    if (hashed !== undefined) return { kind: 'Function', function: { kind, name: hashed.metadata.name } };
  }
  return { kind: 'Unknown', label };
}

/** The pod that a Port belongs to, as a key. */
export function podKeyOf(port: Port): string {
  return joinKey(port.metadata.namespace, port.spec.pod.name);
}
