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
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { functionValue, networkValue } from '../../../kube/index-values.ts';
import type { Namespace, Pod } from '../../../kube/slim.ts';
import { selectsMember } from '../../compile/chain/classifier.ts';
import { type FunctionObject, kindOf, needsOf } from '../../compile/function/kinds.ts';
import type { Stores } from '../../observe/stores.ts';
import { isRefused } from './ends.ts';
import { translationOf } from './instances.ts';
import { isAccepted, isReady } from './members.ts';

// Which chains need a pass when another object changes. Each answer is found by an index and costs what the
// change concerns, never all chains.

/** Chains with the same path id: one of them must give it up. */
export function rivalsOf(stores: Stores, chain: ServiceChain | undefined): readonly Key[] {
  const pathId = chain?.status?.pathId;
  return pathId === undefined ? [] : stores.serviceChains.keysByIndex('pathId', String(pathId));
}

/** The chain that a slice is of. */
export function chainsOfSlice(old: ChainSlice | undefined, now: ChainSlice | undefined): readonly Key[] {
  const { metadata, spec } = (now ?? old)!;
  return [`${metadata.namespace}/${spec.chain}`];
}

/** Chains on a network, when it came, went or became usable; its counters are nothing to them. */
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

/** Chains that a Port has to do with: as an instance of a function, or as a pod in one of their ends. */
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

/** What of a Port chains look at. The readiness of a tenant's Port is the agent's business alone. */
function portMeaning(port: Port | undefined): string {
  if (!port) return '';
  const { addresses, prefixes, function: fn, node } = port.spec;
  const ready = fn ? isReady(port) : undefined;
  const leaving = Boolean(port.metadata.deletionTimestamp);
  return JSON.stringify([port.metadata.uid, isAccepted(port), ready, leaving, addresses, prefixes, node]);
}

/** Chains that a pod has to do with, by the labels that it had and those that it has. */
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

/** Chains of a Port's network with an end that is not decided by labels, or by labels that fit. */
function chainsSelecting(stores: Stores, port: Port, pods: readonly Pod[] | undefined): readonly Key[] {
  if (!port.spec.network) return [];
  const chains = stores.serviceChains.byIndex('network', networkValue(port.spec.network));
  const namespaceLabels = stores.namespaces.get(port.metadata.namespace)?.metadata.labels ?? {};
  const candidates = pods?.map((pod) => ({
    namespace: port.metadata.namespace,
    podLabels: pod.metadata.labels,
    namespaceLabels,
  }));
  const concerns = ({ metadata, spec }: ServiceChain): boolean =>
    // A pod that is not known any more could have had any labels.
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

/** Chains that look at namespaces' labels, when those of one changed. */
export function chainsOfNamespace(
  stores: Stores,
  old: Namespace | undefined,
  now: Namespace | undefined,
): readonly Key[] {
  // A namespace that came has no pods yet, and one that goes loses them one by one.
  if (!old || !now || JSON.stringify(old.metadata.labels) === JSON.stringify(now.metadata.labels)) return [];
  return stores.serviceChains.keysByIndex('selects', 'namespaces');
}

/** Chains that name a function, when it came, went or changed in what chains look at. */
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

/** Chains with an end that names a load balancer, when it came, went or got other addresses. */
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

/** Chains with an end that names a VPN, when it came, went, was accepted or got another pool. */
export function chainsOfVpn(stores: Stores, old: Vpn | undefined, now: Vpn | undefined): readonly Key[] {
  if (vpnMeaning(old) === vpnMeaning(now)) return [];
  const { namespace, name } = (now ?? old)!.metadata;
  return stores.serviceChains.keysByIndex('endpoint', functionValue(namespace, { kind: 'VPN', name }));
}

function vpnMeaning(vpn: Vpn | undefined): string {
  if (!vpn) return '';
  const { metadata, spec, status } = vpn;
  const isAccepted = isTrue(status?.conditions, 'Accepted');
  return `${metadata.uid} ${spec.network} ${spec.pool.join()} ${isAccepted} ${Boolean(metadata.deletionTimestamp)}`;
}

/** The same when the networks behind one of its peers are others. */
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
  return `${metadata.uid} ${spec.network} ${object.status?.addresses?.join()} ${Boolean(metadata.deletionTimestamp)}`;
}

function functionMeaning(object: FunctionObject | undefined): string {
  if (!object) return '';
  const { metadata, spec } = object;
  const judges = kindOf(object).judgesBeginnings(spec);
  const translation = JSON.stringify(translationOf(object));
  return `${metadata.uid} ${needsOf(object).replicas} ${judges} ${translation} ${Boolean(metadata.deletionTimestamp)}`;
}
