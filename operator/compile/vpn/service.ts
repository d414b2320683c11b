import { functionLabelOf, objectNameOf } from '../../../api/function-names.ts';
import { apiVersion, labels, type OwnerReference } from '../../../api/index.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';

const PORT_NAME = 'wireguard';
const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

interface OwnedMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences: readonly [OwnerReference];
}

/** The Service in front of a VPN. It selects no pods: the operator itself says who is behind it. */
export interface DesiredService {
  readonly apiVersion: 'v1';
  readonly kind: 'Service';
  readonly metadata: OwnedMetadata;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Who is behind the Service: the active gateway, and nobody else. One write moves all new flows. */
export interface DesiredEndpointSlice {
  readonly apiVersion: 'discovery.k8s.io/v1';
  readonly kind: 'EndpointSlice';
  readonly metadata: OwnedMetadata;
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: readonly { readonly name: string; readonly protocol: 'UDP'; readonly port: number }[];
  readonly endpoints: readonly {
    readonly addresses: readonly [string];
    readonly nodeName: string;
    readonly conditions: { readonly ready: true };
  }[];
}

/** The Service that `expose` asks for; undefined when it asks for none. */
export function compileService(vpn: Vpn): DesiredService | undefined {
  const { expose, listenPort } = vpn.spec;
  if (!expose) return undefined;
  const { type, nodePort, externalTrafficPolicy, annotations } = expose;
  const port = { name: PORT_NAME, protocol: 'UDP', port: listenPort, targetPort: listenPort };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadataOf(vpn, serviceNameOf(vpn), {}), ...(annotations ? { annotations } : {}) },
    spec: {
      type,
      externalTrafficPolicy,
      ipFamilyPolicy: 'PreferDualStack',
      ports: [nodePort === undefined ? port : { ...port, nodePort }],
    },
  };
}

/** The slices of the Service, one an IP version. `active` is the pod that peers talk to. */
export function compileEndpointSlices(
  vpn: Vpn,
  active: { readonly podIPs: readonly string[]; readonly node: string } | undefined,
): readonly DesiredEndpointSlice[] {
  if (!vpn.spec.expose) return [];
  return (['IPv4', 'IPv6'] as const).map((addressType) => {
    const own = active?.podIPs.find((ip) => ip.includes(':') === (addressType === 'IPv6'));
    const name = `${serviceNameOf(vpn)}-${addressType.toLowerCase()}`;
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: metadataOf(vpn, name, {
        [SERVICE_NAME]: serviceNameOf(vpn),
        [MANAGED_BY]: 'heddle-operator',
      }),
      addressType,
      ports: [{ name: PORT_NAME, protocol: 'UDP', port: vpn.spec.listenPort }],
      endpoints:
        own && active
          ? [{ addresses: [own] as const, nodeName: active.node, conditions: { ready: true } as const }]
          : [],
    };
  });
}

/** What the cluster has made of a Service, as far as clients need it. */
export interface ServiceFacts {
  /** Of the load balancer: addresses or names, in the order of its status. */
  readonly ingress: readonly string[];
  readonly nodePort: number | undefined;
  /** Addresses of nodes that clients can use, the best first. */
  readonly nodeAddresses: readonly string[];
}

/** host:port for clients' files; undefined as long as the cluster has not given any. */
export function endpointOfService(vpn: Vpn, service: ServiceFacts | undefined): string | undefined {
  const { expose, listenPort } = vpn.spec;
  if (!expose || !service) return undefined;
  const [host, port] =
    expose.type === 'LoadBalancer'
      ? [service.ingress[0], listenPort]
      : [service.nodeAddresses[0], service.nodePort];
  if (host === undefined || port === undefined) return undefined;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function serviceNameOf(vpn: Vpn): string {
  return objectNameOf('VPN', vpn.metadata.name);
}

function metadataOf(vpn: Vpn, name: string, more: Readonly<Record<string, string>>): OwnedMetadata {
  const { namespace, name: owner, uid = '' } = vpn.metadata;
  return {
    name,
    namespace,
    labels: {
      [labels.name]: 'heddle',
      [labels.component]: 'function',
      'app.kubernetes.io/managed-by': 'heddle-operator',
      [labels.function]: functionLabelOf('VPN', owner),
      ...more,
    },
    ownerReferences: [{ apiVersion, kind: 'VPN', name: owner, uid, controller: true }],
  };
}
