// SPDX-License-Identifier: Apache-2.0
import { findCondition } from '../../../api/conditions.ts';
import { annotations, type Port, type ServiceChain, type VirtualNetwork } from '../../../api/index.ts';
import { joinKey, type Key, keyOf } from '../../../api/key.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { MetadataOnly, Namespace, Pod } from '../../../kube/slim.ts';
import { type FunctionKind, needsOf } from '../../compile/function/kinds.ts';
import type { FunctionNeeds } from '../../compile/function/needs.ts';
import type { Stores } from '../../observe/stores.ts';
import { isAccepted } from '../chain/members.ts';
import type { KeysOf } from '../workload/triggers.ts';
import { functionsOf } from './stores.ts';

/** Triggers find the functions of one kind that need a reconcile pass when another object changes. */
export interface Triggers {
  /** Functions that name a ConfigMap. Their instances read it again, and report when they have. */
  readonly ofConfigMap: KeysOf<MetadataOnly>;
  /** Functions of a chain whose path ids or spec changed, or that was accepted or refused. */
  readonly ofChain: KeysOf<ServiceChain>;
  /** Functions in chains of a network that was added, deleted, or got its VNI or other subnets. */
  readonly ofNetwork: KeysOf<VirtualNetwork>;
  /** Functions with selectors in chains of a Port's network, when the Port was added, deleted, or accepted. */
  readonly ofPort: KeysOf<Port>;
  /** The load balancer of which a Port is an instance, when the instance was added or deleted. */
  readonly ofInstance: KeysOf<Port>;
  /** Functions with selectors that a pod's labels may match, when the labels changed. */
  readonly ofLabels: KeysOf<Pod>;
  /** Functions of which a pod may be a backend, when that changed, or the pod's readiness or weight. */
  readonly ofBackend: KeysOf<Pod>;
  /** Functions with namespace selectors, when the labels of a namespace changed. */
  readonly ofNamespace: KeysOf<Namespace>;
}

export function createTriggers(stores: Stores, kind: FunctionKind): Triggers {
  const functions = functionsOf(stores, kind);

  return {
    ofConfigMap: (old, now) => functions.keysByIndex('configMap', keyOf((now ?? old)!)),
    ofChain: (old, now) => {
      return chainMeaning(old) === chainMeaning(now)
        ? []
        : [old, now].flatMap((chain) => (chain ? selectingOf(chain) : []));
    },
    ofNetwork: (old, now) =>
      rangesMeaning(old) === rangesMeaning(now) ? [] : selectingOn(networkValue((now ?? old)!.metadata)),
    ofPort: (old, now) => {
      if (memberMeaning(old) === memberMeaning(now)) return [];
      const network = (now ?? old)!.spec.network;
      return network ? selectingOn(networkValue(network)) : [];
    },
    ofInstance: (old, now) => {
      if (old?.spec.instance === now?.spec.instance) return [];
      const { metadata, spec } = (now ?? old)!;
      if (spec.function?.kind !== kind) return [];
      const key = joinKey(metadata.namespace, spec.function.name);
      const object = functions.get(key);
      return object && needsOf(object).backends ? [key] : [];
    },
    ofLabels: (old, now) => {
      if (JSON.stringify(old?.metadata.labels) === JSON.stringify(now?.metadata.labels)) return [];
      return stores.ports
        .byIndex('pod', (now ?? old)!.metadata.uid)
        .flatMap(({ spec }) => (spec.network ? selectingOn(networkValue(spec.network)) : []));
    },
    ofBackend: (old, now) => {
      if (backendMeaning(old) === backendMeaning(now)) return [];
      return stores.ports
        .byIndex('pod', (now ?? old)!.metadata.uid)
        .flatMap(({ spec }) =>
          spec.network ? functions.keysByIndex('network', networkValue(spec.network)) : [],
        );
    },
    ofNamespace: (old, now) => {
      if (!old || !now || JSON.stringify(old.metadata.labels) === JSON.stringify(now.metadata.labels)) {
        return [];
      }
      return [...functions.values()].filter((each) => looksAtNamespaces(needsOf(each))).map(keyOf);
    },
  };

  function selectingOn(network: string): readonly Key[] {
    const onChains = stores.serviceChains.byIndex('network', network).flatMap(selectingOf);
    return [...new Set([...onChains, ...functions.keysByIndex('network', network)])];
  }

  /** The functions of a chain that select pods. */
  function selectingOf(chain: ServiceChain): Key[] {
    return chain.spec.functions
      .filter((each) => each.kind === kind)
      .map(({ name }) => joinKey(chain.metadata.namespace, name))
      .filter((key) => {
        const object = functions.get(key);
        const needs = object && needsOf(object);
        return needs !== undefined && (needs.selectors.length > 0 || needs.backends !== undefined);
      });
  }
}

function looksAtNamespaces({ selectors, backends }: FunctionNeeds): boolean {
  return [...selectors, backends?.selected].some((selector) => selector?.namespaceSelector);
}

function backendMeaning(pod: Pod | undefined): string {
  if (!pod) return '';
  const { metadata, status } = pod;
  const weight = metadata.annotations[annotations.weight];
  return JSON.stringify([
    metadata.labels,
    weight,
    Boolean(metadata.deletionTimestamp),
    status.ready,
    status.phase,
  ]);
}

function chainMeaning(chain: ServiceChain | undefined): string {
  if (!chain) return '';
  const { metadata, spec, status } = chain;
  const accepted = findCondition(status?.conditions, 'Accepted')?.status;
  return JSON.stringify([metadata.uid, spec, status?.pathId, status?.outsidePathId, accepted]);
}

function rangesMeaning(network: VirtualNetwork | undefined): string {
  return network ? JSON.stringify([network.status?.vni, network.spec.subnets]) : '';
}

function memberMeaning(port: Port | undefined): string {
  if (!port) return '';
  const { addresses, prefixes } = port.spec;
  return JSON.stringify([isAccepted(port), Boolean(port.metadata.deletionTimestamp), addresses, prefixes]);
}
