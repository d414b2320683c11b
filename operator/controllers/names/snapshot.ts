// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../../api/index.ts';
import { joinKey, keyOf } from '../../../api/key.ts';
import type { NamesRequest } from '../../../api/named-service.ts';
import type { Prefix } from '../../../api/net/prefix.ts';
import { networkValue } from '../../../kube/index-values.ts';
import { matchesLabels } from '../../compile/chain/selector.ts';
import type { NamesExceeded, NamesInput } from '../../compile/names/compile.ts';
import type { NamedPod } from '../../compile/names/endpoints.ts';
import { isOfNames } from '../../compile/names/slices.ts';
import { namesOf } from '../../observe/named-services.ts';
import type { EndpointSlice, NamedService, Node, Stores } from '../../observe/stores.ts';
import { isAccepted, isReady } from '../chain/members.ts';
import { observeClusterRanges } from '../network/cluster-ranges.ts';
import { observeView } from '../network/snapshot.ts';
import { isOwned } from '../owned.ts';
import { hasEnded } from '../workload/pods.ts';

const ZONE = 'topology.kubernetes.io/zone';

/** Reads everything that the EndpointSlices of a Service are compiled from. */
export function observeNames(
  stores: Stores,
  service: NamedService,
  options: { readonly namedRanges: readonly Prefix[]; readonly most: number },
): NamesInput {
  const { namespace } = service.metadata;
  const names = namesOf(service);
  const request = names.ok ? names.value : undefined;
  const balancer =
    request?.kind === 'LoadBalancer' ? stores.loadBalancers.get(joinKey(namespace, request.name)) : undefined;
  const stored = observeSlices(stores, keyOf(service)).filter((slice) => isOwned(slice, service));
  return {
    service,
    names,
    network: request && stores.virtualNetworks.get(networkValue(request.network)),
    isAdmitted: (request && observeView(stores, request.network)?.admits(namespace)) ?? false,
    pods: request ? observePods(stores, namespace, request) : [],
    balancer: balancer?.metadata.deletionTimestamp ? undefined : balancer,
    clusterRanges: observeClusterRanges(stores, options.namedRanges),
    exceeded: stored.length > 0 ? undefined : observeExceeded(stores, service, options.most),
    stored,
  };
}

/** Whether a Service is one too many in its namespace: the older ones count first. */
function observeExceeded(
  { namedServices }: Pick<Stores, 'namedServices'>,
  service: NamedService,
  most: number,
): NamesExceeded | undefined {
  const { namespace } = service.metadata;
  const wanted = namedServices.countByIndex('namespace', namespace);
  if (wanted <= most) return undefined;
  const own = ageOf(service);
  const all = namedServices.byIndex('namespace', namespace);
  return all.filter((each) => ageOf(each) < own).length < most ? undefined : { most, wanted };
}

function ageOf({ metadata }: NamedService): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
}

/** The EndpointSlices that Heddle has made for a Service of this name, one that is gone included. */
export function observeSlices(
  stores: Pick<Stores, 'endpointSlices'>,
  service: string,
): readonly EndpointSlice[] {
  return stores.endpointSlices.byIndex('service', service).filter(isOfNames);
}

/**
 * The pods of the Service's own namespace that it selects. Those of other namespaces on the network are none of its
 * business: a selector must not tell a guest who else is there.
 */
function observePods(
  stores: Pick<Stores, 'ports' | 'pods' | 'nodes'>,
  namespace: string,
  request: NamesRequest,
): readonly NamedPod[] {
  if (request.kind !== 'Pods') return [];
  return stores.ports
    .byIndex('network', networkValue(request.network))
    .filter(({ metadata }) => metadata.namespace === namespace)
    .flatMap((port) => observePod(stores, port, request) ?? []);
}

/** The pod of a Port; undefined when it is not selected, has no valid claim, or has ended. */
function observePod(
  stores: Pick<Stores, 'pods' | 'nodes'>,
  port: Port,
  { selector }: Extract<NamesRequest, { readonly kind: 'Pods' }>,
): NamedPod | undefined {
  const pod = stores.pods.get(joinKey(port.metadata.namespace, port.spec.pod.name));
  if (pod?.metadata.uid !== port.spec.pod.uid || !matchesLabels(selector, pod.metadata.labels))
    return undefined;
  const isOnNetwork = isAccepted(port) && !port.metadata.deletionTimestamp;
  if (!isOnNetwork || pod.spec.hostNetwork || hasEnded(pod.status.phase)) return undefined;
  const { namespace, name, uid, deletionTimestamp } = pod.metadata;
  const { node } = port.spec;
  return {
    namespace,
    name,
    uid,
    addresses: port.spec.addresses ?? [],
    node,
    zone: zoneOf(stores.nodes.get(node)),
    ready: pod.status.ready && isReady(port),
    terminating: deletionTimestamp !== undefined,
    hostname: pod.spec.hostname,
    subdomain: pod.spec.subdomain,
  };
}

export function zoneOf(node: Node | undefined): string | undefined {
  return node?.metadata.labels[ZONE] || undefined;
}
