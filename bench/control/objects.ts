// SPDX-License-Identifier: Apache-2.0
import {
  annotations,
  chainInterface,
  type Firewall,
  heddle,
  labels,
  type ServiceChain,
  type VirtualNetwork,
} from '../../api/index.ts';
import { apiVersion } from '../../api/names.ts';
import type { OwnerReference } from '../../api/object-meta.ts';
import type { KubeObject } from '../../kube/object.ts';

/** Objects as users and kubelets write them. */

export const NAMESPACE = 'bench';
/** The network that is changed, with its chain; the other networks only exist. */
export const MAIN = 'main';
export const FUNCTIONS = ['edge', 'inner'] as const;
/** The function of the chains of all other networks, so that a change of the main network concerns none of them. */
const OTHER_FUNCTION = 'other';
export const FIREWALLS = [...FUNCTIONS, OTHER_FUNCTION];

type Written<T> = Pick<T, never> & KubeObject & { readonly spec?: unknown; readonly status?: unknown };

export function renderNamespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

export function nodeName(index: number): string {
  return `node-${index}`;
}

export function renderNode(index: number): Written<KubeObject> {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName(index) } };
}

export function nodeStatus(index: number): object {
  return {
    addresses: [{ type: 'InternalIP', address: `172.31.${index >> 8}.${(index & 0xff) + 1}` }],
    conditions: [{ type: 'Ready', status: 'True' }],
  };
}

export function renderNetwork(name: string, cidr: string): Written<VirtualNetwork> {
  return {
    apiVersion,
    kind: 'VirtualNetwork',
    metadata: { namespace: NAMESPACE, name },
    spec: { subnets: [{ cidr }] },
  };
}

export function renderFirewall(name: string, replicas: number): Written<Firewall> {
  return {
    apiVersion,
    kind: 'Firewall',
    metadata: { namespace: NAMESPACE, name },
    spec: { replicas, rules: [{ name: 'web', action: 'Accept', protocol: 'TCP', destinationPorts: [80] }] },
  };
}

/** The parts of a chain that the benchmark changes. */
export interface ChainPlan {
  readonly network: string;
  readonly functions: readonly string[];
  readonly port: number;
  readonly priority: number;
}

export function renderChain(plan: ChainPlan): Written<ServiceChain> {
  const { network, functions, port, priority } = plan;
  return {
    apiVersion,
    kind: 'ServiceChain',
    metadata: { namespace: NAMESPACE, name: network },
    spec: {
      network,
      priority,
      from: [{ podSelector: { matchLabels: { role: 'client' } } }],
      to: [{ podSelector: { matchLabels: { role: 'server' } } }],
      ports: [{ protocol: 'TCP', port }],
      functions: functions.map((name) => ({ kind: 'Firewall', name })),
    },
  };
}

export function renderOtherChain(network: string): Written<ServiceChain> {
  return renderChain({ network, functions: [OTHER_FUNCTION], port: 80, priority: 1000 });
}

/** A pod that joins a network, after the scheduler has chosen its node. */
export function renderPod(options: {
  readonly name: string;
  readonly node: string;
  readonly network: string;
  readonly role: 'client' | 'server';
}): Written<KubeObject> {
  const { name, node, network, role } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: NAMESPACE,
      name,
      labels: { app: 'web', role },
      annotations: { [annotations.networks]: network },
    },
    spec: podSpec(node),
  };
}

/** The ReplicaSet of a function, as the controller of its Deployment would make it. */
export function renderReplicaSet(deployment: KubeObject): Written<KubeObject> {
  const { spec, metadata = {} } = deployment as { spec?: object; metadata?: KubeObject['metadata'] };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      namespace: NAMESPACE,
      name: `${metadata.name}-bench`,
      labels: metadata.labels,
      ownerReferences: [controllerRef(deployment)],
    },
    spec: Object.fromEntries(
      Object.entries(spec ?? {}).filter(([name]) => ['replicas', 'selector', 'template'].includes(name)),
    ),
  };
}

function controllerRef({ apiVersion: of = '', kind = '', metadata = {} }: KubeObject): OwnerReference {
  return { apiVersion: of, kind, name: metadata.name ?? '', uid: metadata.uid ?? '', controller: true };
}

/** An instance of a function, as the controller of its ReplicaSet would make it. */
export function renderInstancePod(options: {
  readonly fn: string;
  readonly index: number;
  readonly node: string;
  readonly set: KubeObject;
}): Written<KubeObject> & { metadata: { name: string } } {
  const { fn, index, node, set } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: NAMESPACE,
      name: `${fn}-${index}`,
      labels: { [labels.function]: `firewall.${fn}`, [labels.name]: heddle },
      annotations: { [annotations.chainInterface]: chainInterface },
      ownerReferences: [controllerRef(set)],
    },
    spec: podSpec(node),
  };
}

export function readyStatus(isReady: boolean): object {
  return { phase: 'Running', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] };
}

function podSpec(nodeName: string): object {
  return { nodeName, containers: [{ name: 'web', image: 'web:1' }] };
}
