// SPDX-License-Identifier: Apache-2.0
import type { NodeReport, Port, VirtualNetwork } from '../../../api/index.ts';
import { type Key, keyOf } from '../../../api/key.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { Node } from '../../../kube/slim.ts';
import type { Stores } from '../../observe/stores.ts';

// Finds the networks that need a reconcile pass when another object changes.

/** The network of a Port that was added or deleted. Changes of a Port's status do not concern the network. */
export function networksOfPort(old: Port | undefined, now: Port | undefined): readonly Key[] {
  if (old !== undefined && now !== undefined) return [];
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

/** All networks when a node was added or deleted: it may have set the limit of their MTU. */
export function networksOfNode(
  stores: Pick<Stores, 'virtualNetworks'>,
  old: Node | undefined,
  now: Node | undefined,
): readonly Key[] {
  return old !== undefined && now !== undefined ? [] : [...stores.virtualNetworks.keys()];
}

function* withoutVni({ virtualNetworks }: Pick<Stores, 'virtualNetworks'>): Generator<Key> {
  for (const network of virtualNetworks.values()) {
    if (network.status?.vni === undefined) yield keyOf(network);
  }
}
