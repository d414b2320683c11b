// SPDX-License-Identifier: Apache-2.0
import type { NodeReport, Port, VirtualNetwork } from '../../../api/index.ts';
import { joinKey, type Key, keyOf } from '../../../api/key.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { Namespace, Node } from '../../../kube/slim.ts';
import type { Service, ServiceCidr, Stores } from '../../observe/stores.ts';

// Finds the networks that need a reconcile pass when another object changes.

/**
 * The network of a Port that was added or deleted, or whose prefixes changed. Changes of a Port's status do not concern
 * the network.
 */
export function networksOfPort(old: Port | undefined, now: Port | undefined): readonly Key[] {
  if (old !== undefined && now !== undefined && sameJson(old.spec.prefixes, now.spec.prefixes)) return [];
  const network = (now ?? old)?.spec.network;
  return network === undefined ? [] : [networkValue(network)];
}

/** Networks that wait for a VNI that another network had or pinned. */
export function networksWithoutVni(
  stores: Pick<Stores, 'virtualNetworks'>,
  old: VirtualNetwork | undefined,
  now: VirtualNetwork | undefined,
): readonly Key[] {
  if (now !== undefined && old?.status?.vni === now.status?.vni) return [];
  return [...withoutVni(stores)];
}

/**
 * Networks about which a NodeReport says something new. All networks, when the packet size that the node can carry
 * changed.
 */
export function networksOfReport(
  stores: Pick<Stores, 'virtualNetworks'>,
  old: NodeReport | undefined,
  now: NodeReport | undefined,
): readonly Key[] {
  const before = old?.status;
  const after = now?.status;
  if (before?.underlayMtu !== after?.underlayMtu || !sameJson(before?.vteps, after?.vteps)) {
    return [...stores.virtualNetworks.keys()];
  }
  const keys = new Set([...Object.keys(before?.networks ?? {}), ...Object.keys(after?.networks ?? {})]);
  const changed = [...keys].filter((key) => before?.networks?.[key] !== after?.networks?.[key]);
  const freed = (before?.vnis ?? []).length > 0 && !sameJson(before?.vnis, after?.vnis);
  return freed ? [...changed, ...withoutVni(stores)] : changed;
}

/**
 * All networks when a node was added or deleted, since it may have set the limit of their MTU, or when its addresses or
 * the range of its pods changed, since networks may overlap them.
 */
export function networksOfNode(
  stores: Pick<Stores, 'virtualNetworks'>,
  old: Node | undefined,
  now: Node | undefined,
): readonly Key[] {
  return sameJson(rangesOf(old), rangesOf(now)) ? [] : [...stores.virtualNetworks.keys()];
}

function rangesOf(node: Node | undefined): unknown {
  return node && [node.metadata.uid, node.podCIDRs, node.status.internalIPs, node.status.externalIPs];
}

/** All networks when a range of Services changed. */
export function networksOfServices(
  stores: Pick<Stores, 'virtualNetworks'>,
  old: Service | ServiceCidr | undefined,
  now: Service | ServiceCidr | undefined,
): readonly Key[] {
  return sameJson(old?.spec, now?.spec) ? [] : [...stores.virtualNetworks.keys()];
}

/** Networks that admit pods by the labels of their namespace, when such labels changed. */
export function networksOfNamespace(
  { virtualNetworks }: Pick<Stores, 'virtualNetworks'>,
  old: Namespace | undefined,
  now: Namespace | undefined,
): readonly Key[] {
  if (now === undefined || sameJson(old?.metadata.labels, now.metadata.labels)) return [];
  return [...virtualNetworks.values()].filter(({ spec }) => spec.attach.selector !== undefined).map(keyOf);
}

/** The network of a VPN whose ranges changed. */
export function networksOfVpn(old: Vpn | undefined, now: Vpn | undefined): readonly Key[] {
  if (sameJson(old?.spec.pool, now?.spec.pool)) return [];
  const { metadata, spec } = (now ?? old)!;
  return [networkValue({ namespace: metadata.namespace, name: spec.network })];
}

/** The network of the VPN of a peer whose ranges changed. */
export function networksOfPeer(
  { vpns }: Pick<Stores, 'vpns'>,
  old: VpnPeer | undefined,
  now: VpnPeer | undefined,
): readonly Key[] {
  if (sameJson(old?.spec.allowedIPs, now?.spec.allowedIPs)) return [];
  const { metadata, spec } = (now ?? old)!;
  const vpn = vpns.get(joinKey(metadata.namespace, spec.vpn));
  return vpn ? [networkValue({ namespace: metadata.namespace, name: vpn.spec.network })] : [];
}

function* withoutVni({ virtualNetworks }: Pick<Stores, 'virtualNetworks'>): Generator<Key> {
  for (const network of virtualNetworks.values()) {
    if (network.status?.vni === undefined) yield keyOf(network);
  }
}
