// SPDX-License-Identifier: Apache-2.0
import { group, internalGroup, internalVersion, plurals, version } from '../api/names.ts';

/** A resource of the API server, as its paths name it. */
export interface Resource {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** One object of a resource, by name. */
export interface ObjectRef {
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** `v1` or `group/version`. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** Path of all objects of a resource, in one namespace or in all. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${apiVersionOf(resource)}`;
  const scope = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource.plural}`;
}

/** Path of one object or of one of its subresources. */
export function objectPath(ref: ObjectRef, subresource?: string): string {
  if (ref.resource.namespaced && !ref.namespace) {
    throw new Error(`${ref.resource.kind} ${ref.name} is namespaced: its namespace is missing`);
  }
  const tail = subresource ? `/${subresource}` : '';
  return `${collectionPath(ref.resource, ref.namespace)}/${encodeURIComponent(ref.name)}${tail}`;
}

function core(plural: string, kind: string, namespaced = true): Resource {
  return { group: '', version: 'v1', plural, kind, namespaced };
}

function heddle(kind: keyof typeof plurals): Resource {
  return { group, version, plural: plurals[kind], kind, namespaced: true };
}

function internal(kind: 'ChainSlice' | 'NodeReport'): Resource {
  return { group: internalGroup, version: internalVersion, plural: plurals[kind], kind, namespaced: true };
}

/** The resources that Heddle's programs touch. */
export const resources = {
  pods: core('pods', 'Pod'),
  nodes: core('nodes', 'Node', false),
  namespaces: core('namespaces', 'Namespace', false),
  configMaps: core('configmaps', 'ConfigMap'),
  secrets: core('secrets', 'Secret'),
  services: core('services', 'Service'),
  serviceAccounts: core('serviceaccounts', 'ServiceAccount'),
  events: core('events', 'Event'),
  deployments: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true },
  replicaSets: {
    group: 'apps',
    version: 'v1',
    plural: 'replicasets',
    kind: 'ReplicaSet',
    namespaced: true,
  },
  leases: { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease', namespaced: true },
  roles: {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    plural: 'roles',
    kind: 'Role',
    namespaced: true,
  },
  roleBindings: {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    plural: 'rolebindings',
    kind: 'RoleBinding',
    namespaced: true,
  },
  endpointSlices: {
    group: 'discovery.k8s.io',
    version: 'v1',
    plural: 'endpointslices',
    kind: 'EndpointSlice',
    namespaced: true,
  },
  serviceCidrs: {
    group: 'networking.k8s.io',
    version: 'v1',
    plural: 'servicecidrs',
    kind: 'ServiceCIDR',
    namespaced: false,
  },
  /** Networks of other CNIs (Multus), by the standard of the Network Plumbing Working Group. */
  attachmentDefinitions: {
    group: 'k8s.cni.cncf.io',
    version: 'v1',
    plural: 'network-attachment-definitions',
    kind: 'NetworkAttachmentDefinition',
    namespaced: true,
  },
  podDisruptionBudgets: {
    group: 'policy',
    version: 'v1',
    plural: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    namespaced: true,
  },
  virtualNetworks: heddle('VirtualNetwork'),
  ports: heddle('Port'),
  serviceChains: heddle('ServiceChain'),
  chainSlices: internal('ChainSlice'),
  firewalls: heddle('Firewall'),
  loadBalancers: heddle('LoadBalancer'),
  customFunctions: heddle('CustomFunction'),
  nodeReports: internal('NodeReport'),
  vpns: heddle('VPN'),
  vpnPeers: heddle('VPNPeer'),
  /** The resource in the former group; see api/former.ts. */
  formerChainSlices: heddle('ChainSlice'),
  formerNodeReports: heddle('NodeReport'),
} as const satisfies Record<string, Resource>;
