// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancer, Port, VirtualNetwork } from '../../../api/index.ts';
import { joinKey, type Key, keyOf } from '../../../api/key.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { functionValue, networkValue } from '../../../kube/index-values.ts';
import { matchesLabels } from '../../compile/chain/selector.ts';
import { isOfNames } from '../../compile/names/slices.ts';
import { namesOf } from '../../observe/named-services.ts';
import type {
  EndpointSlice,
  NamedService,
  Namespace,
  Node,
  Pod,
  Service,
  ServiceCidr,
  Stores,
} from '../../observe/stores.ts';
import { isAccepted, isReady } from '../chain/members.ts';
import { zoneOf } from './snapshot.ts';

// Finds the Services whose names a change of another object concerns. Each lookup uses an index; of the Services on
// one network only those of the pod's namespace that select it are passed on.

/** The Services of a namespace at its limit, when one of them is gone and leaves room. */
export function servicesBeside(
  { namedServices }: Pick<Stores, 'namedServices'>,
  old: NamedService | undefined,
  now: NamedService | undefined,
  most: number,
): readonly Key[] {
  if (!old || now) return [];
  const { namespace } = old.metadata;
  if (namedServices.countByIndex('namespace', namespace) < most) return [];
  return namedServices.keysByIndex('namespace', namespace);
}

/** The Service of an EndpointSlice of ours, which somebody may have changed. */
export function servicesOfSlice(
  old: EndpointSlice | undefined,
  now: EndpointSlice | undefined,
): readonly Key[] {
  const slice = [now, old].find((each) => each && isOfNames(each));
  const service = slice?.metadata?.labels?.['kubernetes.io/service-name'];
  return service === undefined ? [] : [joinKey(slice?.metadata?.namespace, service)];
}

/** The Services that select the pod of a Port. A pod that is not there has no names, whatever becomes of its Port. */
export function servicesOfPort(
  stores: Pick<Stores, 'namedServices' | 'pods'>,
  old: Port | undefined,
  now: Port | undefined,
): readonly Key[] {
  if (sameJson(portMeaning(old), portMeaning(now))) return [];
  const port = (now ?? old)!;
  const pod = stores.pods.get(joinKey(port.metadata.namespace, port.spec.pod.name));
  return pod ? servicesSelecting(stores, port, [pod]) : [];
}

function portMeaning(port: Port | undefined): unknown {
  if (!port?.spec.network) return undefined;
  const { metadata, spec } = port;
  const { addresses, node } = spec;
  return [metadata.uid, metadata.deletionTimestamp, isAccepted(port), isReady(port), addresses, node];
}

/** The Services that select a pod, by its labels before and after the change. */
export function servicesOfPod(
  stores: Pick<Stores, 'namedServices' | 'ports'>,
  old: Pod | undefined,
  now: Pod | undefined,
): readonly Key[] {
  if (sameJson(podMeaning(old), podMeaning(now))) return [];
  const pods = [old, now].filter((pod) => pod !== undefined);
  return stores.ports
    .byIndex('pod', pods[0]!.metadata.uid)
    .flatMap((port) => servicesSelecting(stores, port, pods));
}

function podMeaning(pod: Pod | undefined): unknown {
  if (!pod) return undefined;
  const { uid, labels, deletionTimestamp } = pod.metadata;
  return [uid, labels, deletionTimestamp, pod.status.ready, pod.status.phase];
}

function servicesSelecting(
  { namedServices }: Pick<Stores, 'namedServices'>,
  port: Port,
  pods: readonly Pod[],
): readonly Key[] {
  if (!port.spec.network) return [];
  return namedServices.byIndex('network', networkValue(port.spec.network)).flatMap((service) => {
    const names = namesOf(service);
    if (!names.ok || names.value.kind !== 'Pods' || service.metadata.namespace !== port.metadata.namespace) {
      return [];
    }
    const { selector } = names.value;
    const isSelected = pods.some(({ metadata }) => matchesLabels(selector, metadata.labels));
    return isSelected ? [keyOf(service)] : [];
  });
}

/** The Services that name pods of a node whose zone changed. */
export function servicesOfNode(
  stores: Pick<Stores, 'namedServices' | 'pods' | 'ports'>,
  old: Node | undefined,
  now: Node | undefined,
): readonly Key[] {
  if (zoneOf(old) === zoneOf(now)) return [];
  return stores.ports
    .byIndex('node', (now ?? old)!.metadata.name)
    .flatMap((port) => servicesOfPort(stores, undefined, port));
}

/** The Services of a network that came, went, or changed its subnets or whom it admits. */
export function servicesOfNetwork(
  { namedServices }: Pick<Stores, 'namedServices'>,
  old: VirtualNetwork | undefined,
  now: VirtualNetwork | undefined,
): readonly Key[] {
  if (sameJson(networkMeaning(old), networkMeaning(now))) return [];
  return namedServices.keysByIndex('network', networkValue((now ?? old)!.metadata));
}

function networkMeaning(network: VirtualNetwork | undefined): unknown {
  if (!network) return undefined;
  const { metadata, spec, status } = network;
  const subnets = (status?.subnets ?? []).map(({ cidr }) => cidr);
  return [metadata.uid, spec.subnets, spec.attach, subnets, status?.routes];
}

/** The Services of networks that overlap the cluster, when a range of the cluster changed: they name less or more now. */
export function servicesOfRange(
  { namedServices, virtualNetworks }: Pick<Stores, 'namedServices' | 'virtualNetworks'>,
  old: Ranged | undefined,
  now: Ranged | undefined,
): readonly Key[] {
  if (sameJson(rangesOf(old), rangesOf(now))) return [];
  return [...virtualNetworks.values()]
    .filter(({ status }) => status?.routes?.some(({ clusterRanges }) => clusterRanges !== undefined))
    .flatMap(({ metadata }) => namedServices.keysByIndex('network', networkValue(metadata)));
}

type Ranged = Node | Service | ServiceCidr;

/** The ranges of a node, or the spec of a Service or ServiceCIDR. */
function rangesOf(object: Ranged | undefined): unknown {
  if (object?.kind !== 'Node') return object && 'spec' in object ? object.spec : undefined;
  const { podCIDRs, status } = object as Node;
  return [podCIDRs, status.internalIPs, status.externalIPs];
}

/** The Services that name a load balancer that came, went, or has other addresses. */
export function servicesOfBalancer(
  { namedServices }: Pick<Stores, 'namedServices'>,
  old: LoadBalancer | undefined,
  now: LoadBalancer | undefined,
): readonly Key[] {
  if (sameJson(balancerMeaning(old), balancerMeaning(now))) return [];
  const { kind, metadata } = (now ?? old)!;
  const { namespace, name } = metadata;
  return namedServices.keysByIndex('balancer', functionValue(namespace, { kind, name }));
}

function balancerMeaning(balancer: LoadBalancer | undefined): unknown {
  if (!balancer) return undefined;
  const { metadata, spec, status } = balancer;
  return [metadata.uid, metadata.deletionTimestamp, spec.network, status?.addresses ?? []];
}

/** The Services of a namespace whose labels changed: networks of others may admit it by these. */
export function servicesOfNamespace(
  { namedServices }: Pick<Stores, 'namedServices'>,
  old: Namespace | undefined,
  now: Namespace | undefined,
): readonly Key[] {
  if (now === undefined || sameJson(old?.metadata.labels, now.metadata.labels)) return [];
  return namedServices.keysByIndex('namespace', now.metadata.name);
}
