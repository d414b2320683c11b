// SPDX-License-Identifier: Apache-2.0
import { serviceNameOf } from '../../../api/function-names.ts';
import { FAMILIES, tryParseAddress } from '../../../api/net/address.ts';
import { formatEndpoint } from '../../../api/net/endpoint.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';
import { ownedMetadata } from '../workload/metadata.ts';
import { compileService, type DesiredService } from '../workload/service.ts';
import { type Desired, ownerOf } from '../workload/types.ts';

const PORT_NAME = 'wireguard';
const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

/**
 * An EndpointSlice of the Service, with the active gateway as the only endpoint. One write moves all new flows to
 * another gateway.
 */
export interface DesiredEndpointSlice extends Desired {
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: readonly { readonly name: string; readonly protocol: 'UDP'; readonly port: number }[];
  readonly endpoints: readonly {
    readonly addresses: readonly [string];
    readonly nodeName: string;
    readonly conditions: { readonly ready: true };
  }[];
}

/**
 * The Service that `expose` asks for; undefined when it asks for none. It has no selector: the operator writes its
 * EndpointSlices.
 */
export function compileVpnService(vpn: Vpn): DesiredService | undefined {
  const { expose, listenPort } = vpn.spec;
  if (!expose) return undefined;
  const port = { name: PORT_NAME, protocol: 'UDP', port: listenPort, nodePort: expose.nodePort };
  return compileService({ owner: ownerOf(vpn), expose, ports: [port] });
}

/** The EndpointSlices of the Service, one for each IP version. `active` is the active gateway's pod. */
export function compileEndpointSlices(
  vpn: Vpn,
  active: { readonly podIPs: readonly string[]; readonly node: string } | undefined,
): readonly DesiredEndpointSlice[] {
  if (!vpn.spec.expose) return [];
  const owner = ownerOf(vpn);
  const service = serviceNameOf(owner.kind, owner.name);
  return FAMILIES.map((family) => {
    const addressType = `IPv${family}` as const;
    const own = active?.podIPs.find((ip) => tryParseAddress(ip)?.family === family);
    const metadata = ownedMetadata(owner, `${service}-${addressType.toLowerCase()}`);
    const labels = { ...metadata.labels, [SERVICE_NAME]: service, [MANAGED_BY]: 'heddle-operator' };
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels },
      addressType,
      ports: [{ name: PORT_NAME, protocol: 'UDP', port: vpn.spec.listenPort }],
      endpoints:
        own && active
          ? [{ addresses: [own] as const, nodeName: active.node, conditions: { ready: true } as const }]
          : [],
    };
  });
}

/** The facts about a Service that clients need. */
export interface ServiceFacts {
  /** Addresses or names of the cluster's load balancer, in the order of the Service status. */
  readonly ingress: readonly string[];
  readonly nodePort: number | undefined;
  /** Addresses of nodes that clients can use; the preferred one comes first. */
  readonly nodeAddresses: readonly string[];
}

/** host:port for peers' files; undefined until the cluster has assigned one. */
export function endpointOfService(vpn: Vpn, service: ServiceFacts | undefined): string | undefined {
  const { expose, listenPort } = vpn.spec;
  if (!expose || !service) return undefined;
  const [host, port] =
    expose.type === 'LoadBalancer'
      ? [service.ingress[0], listenPort]
      : [service.nodeAddresses[0], service.nodePort];
  if (host === undefined || port === undefined) return undefined;
  return formatEndpoint(host, port);
}
