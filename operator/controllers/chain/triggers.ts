// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../../../api/conditions.ts';
import {
  annotations,
  type ChainSlice,
  type LoadBalancer,
  type Port,
  type ServiceChain,
  type VirtualNetwork,
} from '../../../api/index.ts';
import { joinKey, type Key, keyOf } from '../../../api/key.ts';
import { ledAddressesOf } from '../../../api/load-balancer-check.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { functionValue, networkValue } from '../../../kube/index-values.ts';
import { chainIndexes } from '../../../kube/indexes.ts';
import type { Namespace, Pod } from '../../../kube/slim.ts';
import { selectsMember } from '../../compile/chain/classifier.ts';
import { chainOfSlice } from '../../compile/chain/outside-slices.ts';
import { type FunctionObject, kindOf, needsOf } from '../../compile/function/kinds.ts';
import type { Stores } from '../../observe/stores.ts';
import { functionsOf } from '../function/stores.ts';
import { causeOf, isRefused } from './ends.ts';
import { backendsOf, translationOf } from './instances.ts';
import { isAccepted, isReady } from './members.ts';

// Finds the chains that need a reconcile pass when another object changes. Each lookup uses an index, so its cost
// depends on the size of the change and never on the number of chains.

/** Chains with the same path id as this one; only one may keep it. */
export function rivalsOf(stores: Stores, chain: ServiceChain | undefined): readonly Key[] {
  const ids = chainIndexes.pathId(chain ?? {});
  return ids.flatMap((id) => stores.serviceChains.keysByIndex('pathId', id));
}

/** The chain of a slice. */
export function chainsOfSlice(old: ChainSlice | undefined, now: ChainSlice | undefined): readonly Key[] {
  const slice = (now ?? old)!;
  return [`${slice.metadata.namespace}/${chainOfSlice(slice)}`];
}

/** Chains on a network that was added, deleted, or became usable. Changed counters of a network concern no chain. */
export function chainsOfNetwork(
  stores: Stores,
  old: VirtualNetwork | undefined,
  now: VirtualNetwork | undefined,
): readonly Key[] {
  if (usableAs(old) === usableAs(now)) return [];
  const { namespace, name } = (now ?? old)!.metadata;
  return stores.serviceChains.keysByIndex('network', networkValue({ namespace, name }));
}

function usableAs(network: VirtualNetwork | undefined): string {
  return network
    ? `${network.metadata.uid} ${network.status?.vni} ${Boolean(network.metadata.deletionTimestamp)}`
    : '';
}

/** Chains that a Port concerns: as an instance of a function, or as a pod in one of their ends. */
export function chainsOfPort(stores: Stores, old: Port | undefined, now: Port | undefined): readonly Key[] {
  if (portMeaning(old) === portMeaning(now)) return [];
  const port = (now ?? old)!;
  const { namespace } = port.metadata;
  if (port.spec.function) {
    return stores.serviceChains.keysByIndex('function', functionValue(namespace, port.spec.function));
  }
  const pod = stores.pods.get(joinKey(namespace, port.spec.pod.name));
  return chainsSelecting(stores, port, pod ? [pod] : undefined);
}

/**
 * The fields of a Port that concern chains, as text. The readiness of a Port that is not an instance concerns only
 * the agent.
 */
function portMeaning(port: Port | undefined): string {
  if (!port) return '';
  const { addresses, prefixes, function: fn, node } = port.spec;
  const ready = fn ? isReady(port) : undefined;
  const leaving = Boolean(port.metadata.deletionTimestamp);
  return JSON.stringify([port.metadata.uid, isAccepted(port), ready, leaving, addresses, prefixes, node]);
}

/** Chains that a pod concerns, by its labels before and after the change. */
export function chainsOfPod(stores: Stores, old: Pod | undefined, now: Pod | undefined): readonly Key[] {
  if (podMeaning(old) === podMeaning(now)) return [];
  const pods = [old, now].filter((pod) => pod !== undefined);
  return stores.ports.byIndex('pod', pods[0]!.metadata.uid).flatMap((port) => {
    if (!port.spec.function) return chainsSelecting(stores, port, pods);
    const fn = functionValue(port.metadata.namespace, port.spec.function);
    return stores.serviceChains.keysByIndex('function', fn);
  });
}

function podMeaning(pod: Pod | undefined): string {
  if (!pod) return '';
  const { uid, labels, deletionTimestamp } = pod.metadata;
  const { ready, phase } = pod.status;
  const weight = pod.metadata.annotations[annotations.weight];
  const hasEnded = phase === 'Succeeded' || phase === 'Failed';
  return JSON.stringify([uid, labels, weight, ready, hasEnded, Boolean(deletionTimestamp)]);
}

/**
 * Chains of a Port's network with an end that does not depend on labels, or with an end whose selectors match the
 * labels.
 */
function chainsSelecting(stores: Stores, port: Port, pods: readonly Pod[] | undefined): readonly Key[] {
  if (!port.spec.network) return [];
  const chains = stores.serviceChains.byIndex('network', networkValue(port.spec.network));
  const namespaceLabels = stores.namespaces.get(port.metadata.namespace)?.metadata.labels ?? {};
  const candidates = pods?.map((pod) => ({
    namespace: port.metadata.namespace,
    podLabels: pod.metadata.labels,
    namespaceLabels,
  }));
  const balances = ({ metadata, spec }: ServiceChain): boolean =>
    spec.functions.some((ref) => {
      const object = functionsOf(stores, ref.kind).get(joinKey(metadata.namespace, ref.name));
      const selected = object && backendsOf(object)?.selected;
      return (
        selected !== undefined &&
        candidates?.some((candidate) => selectsMember(selected, candidate, metadata.namespace))
      );
    });
  const concerns = (chain: ServiceChain): boolean => isEndOf(chain) || balances(chain);
  const isEndOf = ({ metadata, spec }: ServiceChain): boolean =>
    // A deleted pod could have had any labels.
    candidates === undefined ||
    [spec.from, spec.to].some(
      (endpoints) =>
        endpoints === undefined ||
        endpoints.some(
          (endpoint) =>
            endpoint.cidr !== undefined ||
            endpoint.vpn !== undefined ||
            candidates.some((candidate) => selectsMember(endpoint, candidate, metadata.namespace)),
        ),
    );
  return chains.filter(concerns).map(keyOf);
}

/** Chains with namespace selectors, when the labels of a namespace changed. */
export function chainsOfNamespace(
  stores: Stores,
  old: Namespace | undefined,
  now: Namespace | undefined,
): readonly Key[] {
  // A new namespace has no pods yet, and the pods of a deleted one are deleted one by one.
  if (!old || !now || JSON.stringify(old.metadata.labels) === JSON.stringify(now.metadata.labels)) return [];
  return [...stores.serviceChains.keysByIndex('selects', 'namespaces'), ...chainsOfBackends(stores)];
}

/** Chains with a load balancer that selects backends by the labels of namespaces. There are few. */
function chainsOfBackends(stores: Stores): readonly Key[] {
  return [...stores.loadBalancers.values()]
    .filter(({ spec }) => spec.backends.namespaceSelector)
    .flatMap(({ kind, metadata: { namespace, name } }) =>
      stores.serviceChains.keysByIndex('function', functionValue(namespace, { kind, name })),
    );
}

/** Chains that name a function that was added, deleted, or changed in a field that concerns chains. */
export function chainsOfFunction(
  stores: Stores,
  old: FunctionObject | undefined,
  now: FunctionObject | undefined,
): readonly Key[] {
  if (functionMeaning(old) === functionMeaning(now)) return [];
  const { kind, metadata } = (now ?? old)!;
  const { namespace, name } = metadata;
  return stores.serviceChains.keysByIndex('function', functionValue(namespace, { kind, name }));
}

/** Chains with an end that names a load balancer that was added, deleted, or got other addresses. */
export function chainsOfBalancer(
  stores: Stores,
  old: LoadBalancer | undefined,
  now: LoadBalancer | undefined,
): readonly Key[] {
  if (balancerMeaning(old) === balancerMeaning(now)) return [];
  const { kind, metadata } = (now ?? old)!;
  const { namespace, name } = metadata;
  return stores.serviceChains.keysByIndex('endpoint', functionValue(namespace, { kind, name }));
}

/** Chains with an end that names a VPN that was added, deleted, accepted, or got another pool. */
export function chainsOfVpn(stores: Stores, old: Vpn | undefined, now: Vpn | undefined): readonly Key[] {
  if (vpnMeaning(old) === vpnMeaning(now)) return [];
  const { namespace, name } = (now ?? old)!.metadata;
  return stores.serviceChains.keysByIndex('endpoint', functionValue(namespace, { kind: 'VPN', name }));
}

function vpnMeaning(vpn: Vpn | undefined): string {
  if (!vpn) return '';
  const { metadata, spec, status } = vpn;
  const isAccepted = isTrue(status?.conditions, 'Accepted');
  const cause = causeOf(vpn);
  return `${metadata.uid} ${spec.network} ${spec.pool.join()} ${isAccepted} ${cause} ${Boolean(metadata.deletionTimestamp)}`;
}

/** Chains with an end that names the VPN of a peer, when the networks behind the peer changed. */
export function chainsOfVpnPeer(
  stores: Stores,
  old: VpnPeer | undefined,
  now: VpnPeer | undefined,
): readonly Key[] {
  if (sitesOf(old) === sitesOf(now)) return [];
  const { metadata, spec } = (now ?? old)!;
  const vpn = functionValue(metadata.namespace, { kind: 'VPN', name: spec.vpn });
  return stores.serviceChains.keysByIndex('endpoint', vpn);
}

function sitesOf(peer: VpnPeer | undefined): string {
  return peer && !isRefused(peer) ? (peer.spec.allowedIPs ?? []).join() : '';
}

function balancerMeaning(object: LoadBalancer | undefined): string {
  if (!object) return '';
  const { metadata, spec } = object;
  const cause = causeOf(object);
  return `${metadata.uid} ${spec.network} ${ledAddressesOf(object).join()} ${cause} ${Boolean(metadata.deletionTimestamp)}`;
}

/** What chains need to know of clients outside of a load balancer. */
function exposureOf(object: FunctionObject): readonly string[] | undefined {
  return object.kind === 'LoadBalancer' && object.spec.expose ? ledAddressesOf(object) : undefined;
}

function functionMeaning(object: FunctionObject | undefined): string {
  if (!object) return '';
  const { metadata, spec } = object;
  const judges = kindOf(object).judgesBeginnings(spec);
  const translation = JSON.stringify([translationOf(object), backendsOf(object), exposureOf(object)]);
  return `${metadata.uid} ${needsOf(object).replicas} ${judges} ${translation} ${Boolean(metadata.deletionTimestamp)}`;
}
