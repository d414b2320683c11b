// SPDX-License-Identifier: Apache-2.0
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

/** Which functions of one kind need a pass when another object changes. */
export interface Triggers {
  /** Those that name a ConfigMap: their instances read it anew, and say when they have. */
  readonly ofConfigMap: KeysOf<MetadataOnly>;
  /** Those of a chain, when its path id or its list of functions changed. */
  readonly ofChain: KeysOf<ServiceChain>;
  /** Those on a network's chains, when the network came, went or got its id. */
  readonly ofNetwork: KeysOf<VirtualNetwork>;
  /** Those with selectors on the chains of a Port's network, when the Port came, went or was accepted. */
  readonly ofPort: KeysOf<Port>;
  /** Those with selectors that a pod's labels may matter to, when they changed. */
  readonly ofLabels: KeysOf<Pod>;
  /** Those that a pod may be a backend of, when that changed or its readiness or weight did. */
  readonly ofBackend: KeysOf<Pod>;
  /** Those whose selectors look at namespaces' labels, when those of one changed. */
  readonly ofNamespace: KeysOf<Namespace>;
}

export function createTriggers(stores: Stores, kind: FunctionKind): Triggers {
  const functions = functionsOf(stores, kind);

  return {
    ofConfigMap: (old, now) => functions.keysByIndex('configMap', keyOf((now ?? old)!)),
    ofChain: (old, now) => {
      const same =
        old?.status?.pathId === now?.status?.pathId &&
        JSON.stringify(old?.spec.functions) === JSON.stringify(now?.spec.functions);
      return same ? [] : [old, now].flatMap((chain) => (chain ? selectingOf(chain) : []));
    },
    ofNetwork: (old, now) =>
      old?.status?.vni === now?.status?.vni ? [] : selectingOn(networkValue((now ?? old)!.metadata)),
    ofPort: (old, now) => {
      if (memberMeaning(old) === memberMeaning(now)) return [];
      const network = (now ?? old)!.spec.network;
      return network ? selectingOn(networkValue(network)) : [];
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

  /** Those functions of a chain that select pods: the others have none to be resolved. */
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

function memberMeaning(port: Port | undefined): string {
  if (!port) return '';
  const { addresses, prefixes } = port.spec;
  return JSON.stringify([isAccepted(port), Boolean(port.metadata.deletionTimestamp), addresses, prefixes]);
}
