// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import type { LoadBalancer, VirtualNetwork } from '../../../api/index.ts';
import type { NamesRequest, ReadNames } from '../../../api/named-service.ts';
import { type Prefix, prefixesOf } from '../../../api/net/prefix.ts';
import type { Remark } from '../../../api/reasons.ts';
import type { EndpointSlice, NamedService } from '../../observe/stores.ts';
import type { ClusterRanges } from '../network/cluster-ranges.ts';
import { compileEndpoints, type Named, type NamedPod } from './endpoints.ts';
import { compileSlices, type DesiredSlice } from './slices.ts';

/** Everything that the EndpointSlices of a Service are compiled from. */
export interface NamesInput {
  readonly service: NamedService;
  readonly names: ReadNames;
  /** The network that the Service names, if it exists. */
  readonly network: VirtualNetwork | undefined;
  /** Whether the network lets the namespace of the Service join. */
  readonly isAdmitted: boolean;
  /** The selected pods of the namespace that are on the network; none if the Service names a load balancer. */
  readonly pods: readonly NamedPod[];
  /** The load balancer that the Service names, if it exists. */
  readonly balancer: LoadBalancer | undefined;
  readonly clusterRanges: ClusterRanges;
  /** The limit of Services with names in the namespace, if there are more and this is not one of the oldest. */
  readonly exceeded: NamesExceeded | undefined;
  /** The EndpointSlices that Heddle has made for this Service. */
  readonly stored: readonly EndpointSlice[];
}

/** The Services of a namespace beyond its limit. */
export interface NamesExceeded {
  readonly most: number;
  readonly wanted: number;
}

export interface NamesPlan {
  readonly slices: readonly DesiredSlice[];
  /** What is wrong. Unless it is about single addresses, there are no slices then. */
  readonly remark?: Remark<'Service'>;
}

/** Decides the EndpointSlices of a Service. What is wrong gets none, and takes those from before away. Pure. */
export function compileNames(input: NamesInput): NamesPlan {
  const { service, names, network } = input;
  if (!names.ok) return refuse(names.complaint.reason, names.complaint.message);
  if (input.exceeded) return { slices: [], remark: remarkOf(service, input.exceeded) };
  const named = nameWhat(names.value, input);
  if ('type' in named) return { slices: [], remark: named };
  const endpoints = compileEndpoints({
    service: service.metadata.name,
    named,
    publishNotReady: service.spec.publishNotReadyAddresses ?? false,
    subnets: subnetsOf(network),
    clusterRanges: input.clusterRanges,
  });
  const slices = compileSlices({ service, endpoints, stored: input.stored });
  const { clusters } = endpoints;
  if (clusters.length === 0) return { slices };
  const message = `${nameSome(clusters)} of network ${keyOf(names.value)}: addresses of the cluster too, so they are left out`;
  return { slices, remark: { type: 'Warning', reason: 'ClusterAddress', message } };
}

function remarkOf({ metadata }: NamedService, { most, wanted }: NamesExceeded): Remark<'Service'> {
  const message = `namespace ${metadata.namespace} has ${wanted} Services with names on networks, and ${most} may have them (limits.namedServicesPerNamespace of the chart); delete some, or have the limit raised`;
  return { type: 'Warning', reason: 'LimitExceeded', message };
}

function nameWhat(
  request: NamesRequest,
  { service, network, isAdmitted, pods, balancer }: NamesInput,
): Named | Remark<'Service'> {
  const key = keyOf(request);
  if (!network) {
    const message = `annotation heddle.dev/network: VirtualNetwork ${key} does not exist; create it or correct the name`;
    return { type: 'Warning', reason: 'NetworkNotFound', message };
  }
  if (!isAdmitted) {
    const message = `annotation heddle.dev/network: VirtualNetwork ${key} does not let namespace ${service.metadata.namespace} join; allow it in spec.attach of the network`;
    return { type: 'Warning', reason: 'NamespaceNotAllowed', message };
  }
  if (request.kind === 'Pods') return { kind: 'Pods', pods };
  if (!balancer) {
    const message = `annotation heddle.dev/load-balancer: there is no LoadBalancer ${request.name} in this namespace; create it or correct the name`;
    return { type: 'Warning', reason: 'LoadBalancerNotFound', message };
  }
  const { namespace } = balancer.metadata;
  const own = `${namespace}/${balancer.spec.network}`;
  if (own === key) return { kind: 'LoadBalancer', balancer };
  const message = `annotation heddle.dev/load-balancer: LoadBalancer ${request.name} is on network ${own}, and heddle.dev/network names ${key}; correct one of them`;
  return { type: 'Warning', reason: 'LoadBalancerNotFound', message };
}

/** The subnets of a network, those that it loses while pods have addresses of them included. */
function subnetsOf(network: VirtualNetwork | undefined): readonly Prefix[] {
  const { spec, status } = network ?? {};
  const all = [...(spec?.subnets ?? []), ...(status?.subnets ?? [])].map(({ cidr }) => cidr);
  return prefixesOf([...new Set(all)]);
}

function keyOf({ network }: NamesRequest): string {
  return `${network.namespace}/${network.name}`;
}

function refuse(reason: 'InvalidAnnotation' | 'InvalidSpec', message: string): NamesPlan {
  return { slices: [], remark: { type: 'Warning', reason, message } };
}
