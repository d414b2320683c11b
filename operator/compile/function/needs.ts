// SPDX-License-Identifier: Apache-2.0
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

/** What a function's spec asks of the operator, in the same form for every kind. */
export interface FunctionNeeds {
  readonly replicas: number;
  readonly pod: FunctionPod | undefined;
  /** ConfigMaps of its namespace that it reads, and the field that names each. */
  readonly configMaps: readonly { readonly name: string; readonly field: string }[];
  /** Pods that it means; the operator resolves them, because a function may not read pods. */
  readonly selectors: readonly PodsSelected[];
  /** Pods that it sends flows to, with all that is to be known of each. */
  readonly backends?: BackendNeeds;
  /** A container of people's own, beside which our program runs. */
  readonly container?: CustomFunctionSpec;
  /** ConfigMaps that the environment of that container is from: they must exist, but our program does not read them. */
  readonly environment?: FunctionNeeds['configMaps'];
  /** A Kubernetes Service in front of its instances. */
  readonly service?: ServiceNeeds | undefined;
}

/** What instances read besides their object and the pods that are selected. */
export function readableOf({ configMaps }: FunctionNeeds): Readable {
  return { configMaps: configMaps.map(({ name }) => name), secrets: [] };
}

export interface BackendNeeds {
  /** Name of the network, in the function's namespace. */
  readonly network: string;
  /** Absent: they are addresses of the spec, and the function only needs to know its paths. */
  readonly selected: PodsSelected | undefined;
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
    selectors: (spec.rules ?? []).flatMap((rule) => [...podsOf(rule.source), ...podsOf(rule.destination)]),
  };
}

/** The needs of a load balancer: its backends, and the path by which it asks them how they are. */
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
    },
  };
}

/** The needs of a custom function: a container of its own, and what its environment is from. */
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
  };
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
