// SPDX-License-Identifier: Apache-2.0
import {
  annotations,
  asksForNetworks,
  isOthersNetwork,
  labels,
  type NetworkRequest,
  type Port,
  readPodNetworks,
} from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';
import type { Ledger } from '../../compile/addresses/ledger.ts';
import { allFunctionKinds, type FunctionObject } from '../../compile/function/kinds.ts';
import { DEFAULT_LIMITS, type Limits } from '../../compile/limits.ts';
import { formerAddresses } from '../../compile/ports/network-status.ts';
import type { InstanceOf, PodInput, Wanted, Wish } from '../../compile/ports/types.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import type { Pod, Stores } from '../../observe/stores.ts';
import { type FunctionStores, functionsOf } from '../function/stores.ts';
import { observeInstanceMtu, observeView } from '../network/snapshot.ts';
import { findLabelled } from '../workload/labelled.ts';
import { type MakerStores, observeLineage } from '../workload/lineage.ts';
import { observeHolder, observeVacating } from './holders.ts';

/** Reads everything that a pod's Ports are compiled from. */
export function observePod(options: {
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly pod: Pod;
  readonly limits?: Limits | undefined;
  readonly waited?: boolean;
}): PodInput {
  const { stores, ledger, pod, limits = DEFAULT_LIMITS, waited = false } = options;
  const instanceOf = observeInstanceOf(stores, pod);
  return {
    pod,
    wish: parseWish(stores, pod),
    instanceOf,
    waited,
    nodeExists: pod.spec.nodeName !== undefined && stores.nodes.has(pod.spec.nodeName),
    ports: stores.ports.byIndex('pod', pod.metadata.uid),
    network: (ref) => observeView(stores, ref),
    taken: ledger,
    holder: (key) => observeHolder(stores, pod, key),
    isVacating: (network) => observeVacating(stores, network),
    limits,
    mtu: isInstance(pod) ? observeInstanceMtu(stores) : undefined,
  };
}

/** Whether a pod uses networks of Heddle. Most pods of a cluster do not. */
export function concernsNetworks(pod: Pod | undefined): pod is Pod {
  if (pod === undefined) return false;
  return asksForNetworks(pod.metadata.annotations) || isInstance(pod) || isGateway(pod);
}

/** The networks that the annotations of a pod ask for. */
function parseWish(
  { virtualNetworks: networks, attachmentDefinitions: definitions }: Stores,
  { metadata }: Pod,
): Wish {
  const asked = readPodNetworks(metadata, (key) => isOthersNetwork(key, { networks, definitions }));
  if (!asked.ok) {
    const message = `${asked.message}; correct it and the pod starts by itself`;
    return { kind: 'Invalid', message, named: asked.named };
  }
  if (asked.ours.length + asked.others.length === 0) return { kind: 'Nothing' };
  const status = metadata.annotations[annotations.networkStatus];
  return {
    kind: 'Join',
    wanted: asked.ours.map((request) => wantedOf(request, status)),
    others: asked.others.map((request) => ({ element: elementOf(request), network: request.network })),
  };
}

function elementOf({ annotation, element }: NetworkRequest): string {
  return `annotation ${annotation}, element ${element}`;
}

function wantedOf(request: NetworkRequest, status: string | undefined): Wanted {
  return {
    element: elementOf(request),
    network: request.network,
    interface: request.interface,
    ips: request.addresses,
    mac: request.mac,
    former: formerAddresses(status, request),
  };
}

function isInstance({ metadata }: Pod): boolean {
  return (
    metadata.annotations[annotations.chainInterface] !== undefined &&
    metadata.labels[labels.function] !== undefined
  );
}

function isGateway({ metadata }: Pod): boolean {
  return metadata.labels[labels.gateway] !== undefined;
}

type WorkloadStores = FunctionStores & MakerStores & Pick<Stores, 'vpns'>;

/** What a pod is by its labels, and whether the operator made it as such. */
function observeInstanceOf(stores: WorkloadStores, pod: Pod): InstanceOf {
  if (!isInstance(pod) && !isGateway(pod)) return { kind: 'None' };
  const label = pod.metadata.labels[labels.function] ?? '';
  const found = isInstance(pod) ? findFunction(stores, pod, label) : findVpn(stores, pod, label);
  if (found === undefined) return { kind: 'Unknown', label };
  const { kind, metadata } = found;
  switch (observeLineage(stores, pod, ownerOf(found))) {
    case 'Foreign':
      return { kind: 'Forged', label };
    case 'Unknown':
      return { kind: 'Pending' };
    case 'Ours':
      return kind === 'VPN'
        ? { kind: 'Gateway' }
        : { kind: 'Function', function: { kind, name: metadata.name } };
  }
}

function findVpn({ vpns }: WorkloadStores, pod: Pod, label: string): Vpn | undefined {
  return findLabelled<Vpn>('VPN', vpns, { namespace: pod.metadata.namespace, label });
}

function findFunction(stores: WorkloadStores, pod: Pod, label: string): FunctionObject | undefined {
  for (const kind of allFunctionKinds) {
    const found = findLabelled(kind, functionsOf(stores, kind), { namespace: pod.metadata.namespace, label });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The pod that a Port belongs to, as a key. */
export function podKeyOf(port: Port): string {
  return joinKey(port.metadata.namespace, port.spec.pod.name);
}
