// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancer } from '../../../api/index.ts';
import { type Address, type Family, formatAddress, tryParseAddress } from '../../../api/net/address.ts';
import { containsAddress, hostPrefix, type Prefix } from '../../../api/net/prefix.ts';
import type { EndpointSlice } from '../../observe/stores.ts';
import type { ClusterRanges } from '../network/cluster-ranges.ts';

/** One endpoint, as Heddle writes it. */
export type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

/** A pod with an accepted Port on the network. */
export interface NamedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly addresses: readonly string[];
  readonly node: string;
  readonly zone: string | undefined;
  /** The pod is ready, and so is its interface. */
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly hostname: string | undefined;
  readonly subdomain: string | undefined;
}

/** What a Service names. */
export type Named =
  | { readonly kind: 'Pods'; readonly pods: readonly NamedPod[] }
  | { readonly kind: 'LoadBalancer'; readonly balancer: LoadBalancer };

export interface EndpointsInput {
  readonly service: string;
  readonly named: Named;
  readonly publishNotReady: boolean;
  /** The subnets of the network. An address outside them is never written. */
  readonly subnets: readonly Prefix[];
  readonly clusterRanges: ClusterRanges;
}

export interface Endpoints {
  readonly byFamily: Readonly<Record<Family, readonly Endpoint[]>>;
  /** Addresses that are the cluster's too and are left out, sorted, each with what the cluster uses it for. */
  readonly clusters: readonly string[];
}

/**
 * The endpoints of a Service, sorted by address. An EndpointSlice is read by programs that are not on the network, an
 * ingress controller for example, so it has no address that is the cluster's own. Pure.
 */
export function compileEndpoints(input: EndpointsInput): Endpoints {
  const all = draftsOf(input).flatMap(({ text, make }) => {
    const address = tryParseAddress(text);
    return address && isNameable(address, input.subnets) ? [{ address, make }] : [];
  });
  const byFamily: Record<Family, Endpoint[]> = { 4: [], 6: [] };
  const clusters: string[] = [];
  for (const { address, make } of all.sort((a, b) => compare(a.address, b.address))) {
    const text = formatAddress(address);
    const [use] = input.clusterRanges(hostPrefix(address));
    if (use) clusters.push(`${text} (${use.use}: ${use.cidr})`);
    else byFamily[address.family].push(make(text));
  }
  return { byFamily, clusters };
}

interface Draft {
  readonly text: string;
  readonly make: (address: string) => Endpoint;
}

function draftsOf({ named, service, publishNotReady }: EndpointsInput): readonly Draft[] {
  if (named.kind === 'LoadBalancer') {
    const { metadata, status, apiVersion, kind } = named.balancer;
    const { namespace, name, uid = '' } = metadata;
    return (status?.addresses ?? []).map((text) => ({
      text,
      make: (address) => ({
        addresses: [address],
        conditions: { ready: true, serving: true, terminating: false },
        targetRef: { apiVersion, kind, namespace, name, uid },
      }),
    }));
  }
  return named.pods.flatMap((pod) =>
    pod.addresses.map((text) => ({
      text,
      make: (address: string) => endpointOf(pod, { address, service, publishNotReady }),
    })),
  );
}

function endpointOf(
  pod: NamedPod,
  options: { readonly address: string; readonly service: string; readonly publishNotReady: boolean },
): Endpoint {
  const { address, service, publishNotReady } = options;
  const { namespace, name, uid, node, zone, ready, terminating, hostname, subdomain } = pod;
  return {
    addresses: [address],
    // As Kubernetes has it: a pod that ends serves, and is ready only for those who asked for pods that are not.
    conditions: { ready: publishNotReady || (ready && !terminating), serving: ready, terminating },
    ...(hostname !== undefined && subdomain === service ? { hostname } : {}),
    nodeName: node,
    ...(zone === undefined ? {} : { zone }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/** Whether two endpoints of one address are written alike. */
export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return (
    a.conditions.ready === b.conditions.ready &&
    a.conditions.serving === b.conditions.serving &&
    a.conditions.terminating === b.conditions.terminating &&
    a.hostname === b.hostname &&
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.targetRef?.kind === b.targetRef?.kind &&
    a.targetRef?.name === b.targetRef?.name &&
    a.targetRef?.uid === b.targetRef?.uid
  );
}

/** Whether an address is one of the network, and one that the API server takes in an EndpointSlice. */
function isNameable(address: Address, subnets: readonly Prefix[]): boolean {
  if (!subnets.some((subnet) => containsAddress(subnet, address))) return false;
  const { family, value } = address;
  if (family === 6) return value > 1n && value >> 120n !== 0xffn && value >> 118n !== 0x3fan;
  const first = value >> 24n;
  return first !== 0n && first !== 127n && first < 224n && value >> 16n !== 0xa9fen;
}

function compare(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}
