// SPDX-License-Identifier: Apache-2.0
import { type ListSource, listSourcesOf } from '../../../api/firewall-lists.ts';
import type {
  CustomFunctionSpec,
  FirewallEndpoint,
  FirewallSpec,
  FunctionPod,
  LoadBalancerSpec,
} from '../../../api/index.ts';
import type { PodsSelected } from '../../../api/selector-key.ts';
import type { Readable } from '../workload/rights.ts';
import type { ServiceNeeds } from './service.ts';

/** What a function's spec needs from the operator, in the same form for every kind. */
export interface FunctionNeeds {
  readonly replicas: number;
  readonly pod: FunctionPod | undefined;
  /** ConfigMaps of its namespace that it reads, and the field that names each. */
  readonly configMaps: readonly { readonly name: string; readonly field: string }[];
  /** Lists of its sets, of which the operator keeps what they last held. */
  readonly lists?: readonly ListSource[];
  /** Pods that the spec selects. The operator resolves them, because a function may not read pods. */
  readonly selectors: readonly PodsSelected[];
  /** Pods to which the function sends flows. */
  readonly backends?: BackendNeeds;
  /** The user's container, beside which our program runs. */
  readonly container?: CustomFunctionSpec;
  /** ConfigMaps for the environment of the user's container. They must exist, but our program does not read them. */
  readonly environment?: FunctionNeeds['configMaps'];
  /** Secrets that must allow the function by an annotation, because its writer need not be able to read them. */
  readonly allowedSecrets?: FunctionNeeds['configMaps'];
  /** A Kubernetes Service in front of its instances. */
  readonly service?: ServiceNeeds | undefined;
}

/** Names of the objects that instances read, besides their own object and their selected pods. */
export function readableOf({ configMaps }: FunctionNeeds): Readable {
  return { configMaps: configMaps.map(({ name }) => name), secrets: [] };
}

export interface BackendNeeds {
  /** Name of the network, in the function's namespace. */
  readonly network: string;
  /** Selector of the backends. Absent when the spec lists addresses; then the function only needs its paths. */
  readonly selected: PodsSelected | undefined;
  /** The addresses that the spec lists. */
  readonly addresses: readonly string[];
}

/** The needs of a firewall: sets from ConfigMaps, and pods in rules. */
export function firewallNeeds(spec: FirewallSpec): FunctionNeeds {
  return {
    replicas: spec.replicas,
    pod: spec.pod,
    configMaps: (spec.sets ?? []).flatMap((set, index) =>
      set.configMapRef
        ? [{ name: set.configMapRef.name, field: `spec.sets[${index}].configMapRef.name` }]
        : [],
    ),
    lists: listSourcesOf(spec),
    selectors: (spec.rules ?? []).flatMap((rule) => [...podsOf(rule.source), ...podsOf(rule.destination)]),
  };
}

/** The needs of a load balancer: its backends, and a path for its health checks. */
export function loadBalancerNeeds(spec: LoadBalancerSpec): FunctionNeeds {
  const { podSelector, namespaceSelector } = spec.backends;
  return {
    replicas: spec.replicas,
    pod: spec.pod,
    configMaps: [],
    selectors: [],
    service: spec.expose && { expose: spec.expose, listeners: spec.listeners },
    backends: {
      network: spec.network,
      selected: podSelector && { podSelector, ...(namespaceSelector && { namespaceSelector }) },
      addresses: (spec.backends.addresses ?? []).map(({ address }) => address),
    },
  };
}

/** The needs of a custom function: the user's container, and the ConfigMaps of its environment. */
export function customFunctionNeeds(spec: CustomFunctionSpec): FunctionNeeds {
  return {
    replicas: spec.replicas,
    pod: spec.pod,
    configMaps: [],
    selectors: [],
    container: spec,
    environment: (spec.env ?? []).flatMap(({ configMapKeyRef }, index) =>
      configMapKeyRef
        ? [{ name: configMapKeyRef.name, field: `spec.env[${index}].configMapKeyRef.name` }]
        : [],
    ),
    ...(spec.secretAccess === 'Allowed' && { allowedSecrets: secretsOf(spec) }),
  };
}

function secretsOf({ env = [], imagePullSecrets = [] }: CustomFunctionSpec): FunctionNeeds['configMaps'] {
  return [
    ...env.flatMap(({ secretKeyRef }, index) =>
      secretKeyRef ? [{ name: secretKeyRef.name, field: `spec.env[${index}].secretKeyRef.name` }] : [],
    ),
    ...imagePullSecrets.map(({ name }, index) => ({ name, field: `spec.imagePullSecrets[${index}].name` })),
  ];
}

function podsOf(endpoint: FirewallEndpoint | undefined): PodsSelected[] {
  if (!endpoint?.podSelector && !endpoint?.namespaceSelector) return [];
  return [
    {
      ...(endpoint.podSelector ? { podSelector: endpoint.podSelector } : {}),
      ...(endpoint.namespaceSelector ? { namespaceSelector: endpoint.namespaceSelector } : {}),
    },
  ];
}
