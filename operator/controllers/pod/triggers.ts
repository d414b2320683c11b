// SPDX-License-Identifier: Apache-2.0
import { findCondition } from '../../../api/conditions.ts';
import { functionLabelOf } from '../../../api/function-names.ts';
import { labels, type NodeReport, type Port, type VirtualNetwork } from '../../../api/index.ts';
import { type Key, keyOf } from '../../../api/key.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Namespace, Node } from '../../../kube/slim.ts';
import type { FunctionObject } from '../../compile/function/kinds.ts';
import type { Waiting } from '../../compile/network/waiting.ts';
import type { MetadataOnly, Pod, Stores } from '../../observe/stores.ts';
import { concernsNetworks, podKeyOf } from './snapshot.ts';

// Finds the pods that need a reconcile pass when another object changes.

/** How many waiting pods a deleted Port wakes: the first one may want an address that is still in use. */
const WOKEN = 4;

/** The pod itself, if it uses networks or did before the change. */
export function podsOfPod(old: Pod | undefined, now: Pod | undefined): readonly Key[] {
  return concernsNetworks(old) || concernsNetworks(now) ? [keyOf((now ?? old)!)] : [];
}

/** The pod of a Port. When the Port was deleted, also the pods that have waited longest for its network. */
export function podsOfPort(waiting: Waiting, old: Port | undefined, now: Port | undefined): readonly Key[] {
  const port = (now ?? old)!;
  const freed = now === undefined && port.spec.network !== undefined;
  const woken = freed ? waiting.for(networkValue(port.spec.network!), WOKEN) : [];
  return [podKeyOf(port), ...woken];
}

/** Pods that wait for a network that changed. When its MTU or its routes changed, all pods on it that these concern. */
export function podsOfNetwork(options: {
  readonly stores: Pick<Stores, 'ports'>;
  readonly waiting: Waiting;
  readonly old: VirtualNetwork | undefined;
  readonly now: VirtualNetwork | undefined;
}): readonly Key[] {
  const { stores, waiting, old, now } = options;
  if (sameJson(meaningOf(old), meaningOf(now))) return [];
  const key = networkValue((now ?? old)!.metadata);
  const resized = now !== undefined && old?.status?.mtu !== now.status?.mtu;
  const rerouted = now !== undefined && !sameJson(old?.status?.routes, now.status?.routes);
  const ports = resized || rerouted ? stores.ports.byIndex('network', key) : [];
  const { namespace } = (now ?? old)!.metadata;
  const concerned = resized ? ports : ports.filter(({ metadata }) => metadata.namespace !== namespace);
  return [...waiting.for(key), ...concerned.map(podKeyOf)];
}

/** Pods that wait for a network of this name: a new definition means that it is another CNI's. */
export function podsOfDefinition(
  waiting: Waiting,
  old: MetadataOnly | undefined,
  now: MetadataOnly | undefined,
): readonly Key[] {
  return old === undefined && now !== undefined ? waiting.for(keyOf(now)) : [];
}

// Usage counts change all the time and do not help waiting pods: deleted Ports wake those.
function meaningOf(network: VirtualNetwork | undefined): unknown {
  if (network === undefined) return undefined;
  const { metadata, status } = network;
  const accepted = findCondition(status?.conditions, 'Accepted');
  return [
    metadata.uid,
    metadata.generation,
    metadata.deletionTimestamp,
    status?.vni,
    status?.mtu,
    status?.routes,
    status?.observedGeneration,
    accepted?.status,
    accepted?.message,
  ];
}

/** Waiting pods of a namespace whose labels changed: a network may now let them join. */
export function podsOfNamespace(
  waiting: Waiting,
  old: Namespace | undefined,
  now: Namespace | undefined,
): readonly Key[] {
  if (now === undefined || sameJson(old?.metadata.labels, now.metadata.labels)) return [];
  return [...waiting.pods()].filter((pod) => pod.startsWith(`${now.metadata.name}/`));
}

/** Pods bound to a new node. */
export function podsOfNode(
  stores: Pick<Stores, 'pods'>,
  old: Node | undefined,
  now: Node | undefined,
): readonly Key[] {
  if (old !== undefined || now === undefined) return [];
  return stores.pods.byIndex('node', now.metadata.name).filter(concernsNetworks).map(keyOf);
}

/** The pods of a ReplicaSet or a Deployment that is new, or that got another owner: it may prove that they are ours. */
export function podsOfMaker(
  stores: Pick<Stores, 'pods'>,
  old: KubeObject | undefined,
  now: KubeObject | undefined,
): readonly Key[] {
  if (now === undefined || sameJson(old?.metadata?.ownerReferences, now.metadata?.ownerReferences)) return [];
  const label = now.metadata?.labels?.[labels.function];
  return label === undefined
    ? []
    : stores.pods.keysByIndex('function', `${now.metadata?.namespace}/${label}`);
}

/** Pods of a new function. */
export function podsOfFunction(
  stores: Pick<Stores, 'pods'>,
  old: FunctionObject | undefined,
  now: FunctionObject | undefined,
): readonly Key[] {
  if (old !== undefined || now === undefined) return [];
  const { namespace, name } = now.metadata;
  return stores.pods.keysByIndex('function', `${namespace}/${functionLabelOf(now.kind, name)}`);
}

/**
 * All pods of functions, when the packet size that a node can carry changed: chain0 has the largest MTU that all
 * nodes allow.
 */
export function podsOfReport(
  stores: Pick<Stores, 'ports'>,
  old: NodeReport | undefined,
  now: NodeReport | undefined,
): readonly Key[] {
  if (sizeOf(old) === sizeOf(now)) return [];
  return [...stores.ports.indexValues('function')].flatMap((fn) =>
    stores.ports.byIndex('function', fn).map(podKeyOf),
  );
}

function sizeOf(report: NodeReport | undefined): string {
  return `${report?.status?.underlayMtu} ${report?.status?.vteps?.[0]}`;
}
