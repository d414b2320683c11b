// SPDX-License-Identifier: Apache-2.0
import { annotations, type NamespacedMeta } from '../../api/index.ts';
import { type AskingService, asksForNames, type ReadNames, readNames } from '../../api/named-service.ts';
import { functionValue, networkValue } from '../../kube/index-values.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Service } from '../../kube/wire.ts';

const OURS = [annotations.namesNetwork, annotations.namesPods, annotations.namesBalancer];

/** A Service that asks for names of what is on a network, with the fields that Heddle reads. */
export interface NamedService extends KubeObject {
  readonly metadata: NamespacedMeta & AskingService['metadata'];
  readonly spec: NonNullable<Service['spec']>;
}

/** Pure: a Service reduced to the fields that Heddle reads; one that asks for no names has identity only. */
export function slimNamedService({ metadata = {}, spec = {}, ...rest }: Service): NamedService {
  const { name = '', namespace = '', uid, resourceVersion, creationTimestamp, deletionTimestamp } = metadata;
  const identity = { name, namespace, uid, resourceVersion };
  const { apiVersion, kind } = rest;
  if (!asksForNames(metadata.annotations)) {
    return { apiVersion, kind, metadata: { ...identity, annotations: {} }, spec: {} };
  }
  const { type, clusterIP, selector, ipFamilies, publishNotReadyAddresses, ports } = spec;
  const kept = OURS.flatMap((key) => {
    const value = metadata.annotations?.[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    apiVersion,
    kind,
    metadata: {
      ...identity,
      creationTimestamp,
      annotations: Object.fromEntries(kept),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: Object.fromEntries(
      Object.entries({ type, clusterIP, selector, ipFamilies, publishNotReadyAddresses, ports }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
  };
}

export function isNamedService({ metadata }: NamedService): boolean {
  return asksForNames(metadata.annotations);
}

/** What a Service asks for, read once for each version of it: changes of many pods ask for it. */
export function namesOf(service: NamedService): ReadNames {
  const before = known.get(service);
  if (before) return before;
  const read = readNames(service);
  known.set(service, read);
  return read;
}

const known = new WeakMap<NamedService, ReadNames>();

/** `network`: networkValue; `balancer`: functionValue of the load balancer that it names; `namespace`. */
export const namedServiceIndexes = {
  network: (service: NamedService) => {
    const names = namesOf(service);
    return names.ok ? [networkValue(names.value.network)] : [];
  },
  balancer: (service: NamedService) => {
    const names = namesOf(service);
    if (!names.ok || names.value.kind !== 'LoadBalancer') return [];
    return [functionValue(service.metadata.namespace, names.value)];
  },
  namespace: ({ metadata }: NamedService) => [metadata.namespace],
};

/** `service`: `namespace/name` of the Service that an EndpointSlice of ours is for. */
export const endpointSliceIndexes = {
  service: ({ metadata }: KubeObject) => {
    const service = metadata?.labels?.['kubernetes.io/service-name'];
    return service === undefined ? [] : [`${metadata?.namespace}/${service}`];
  },
};
