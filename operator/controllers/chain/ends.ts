// SPDX-License-Identifier: Apache-2.0
import { findCondition, isTrue } from '../../../api/conditions.ts';
import type { LoadBalancer, ServiceChain } from '../../../api/index.ts';
import { joinKey, keyOf } from '../../../api/key.ts';
import { ledAddressesOf } from '../../../api/load-balancer-check.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { type ChainEnds, type NamedVpn, resolveEnds } from '../../compile/chain/ends.ts';
import type { Stores } from '../../observe/stores.ts';

/** Resolves the load balancers and VPNs that the ends of a chain name, from the stores. */
export function observeEnds(
  stores: Pick<Stores, 'loadBalancers' | 'vpns' | 'vpnPeers'>,
  { metadata, spec }: ServiceChain,
): ChainEnds {
  return resolveEnds({
    from: spec.from,
    to: spec.to,
    network: spec.network,
    balancer: (name) => {
      const found = stores.loadBalancers.get(joinKey(metadata.namespace, name));
      if (!found || found.metadata.deletionTimestamp) return undefined;
      return { network: found.spec.network, addresses: ledAddressesOf(found), cause: causeOf(found) };
    },
    vpn: (name) => {
      const found = stores.vpns.get(joinKey(metadata.namespace, name));
      return found && !found.metadata.deletionTimestamp ? observeVpn(stores, found) : undefined;
    },
  });
}

/**
 * The ranges of a VPN. The whole pool is in, not each peer's address, so a new peer is in the chain before its first
 * packet. For the same reason the networks of disabled or expired peers are in: these peers keep them, and may be let
 * in again at any moment.
 */
function observeVpn(stores: Pick<Stores, 'vpnPeers'>, vpn: Vpn): NamedVpn {
  const sites = stores.vpnPeers.byIndex('vpn', keyOf(vpn)).filter((peer) => !isRefused(peer));
  return {
    network: vpn.spec.network,
    isAccepted: isTrue(vpn.status?.conditions, 'Accepted'),
    cause: causeOf(vpn),
    cidrs: [...vpn.spec.pool, ...sites.flatMap(({ spec }) => spec.allowedIPs ?? [])],
  };
}

/** The condition that says why an object has nothing for chains; undefined when none does. */
export function causeOf({ status }: LoadBalancer | Vpn): string | undefined {
  const types = ['Accepted', 'ResolvedRefs'];
  return types.find((type) => findCondition(status?.conditions, type)?.status === 'False');
}

/** Whether a peer is refused because another object has what it asks for. */
export function isRefused({ status }: VpnPeer): boolean {
  return findCondition(status?.conditions, 'Accepted')?.status === 'False';
}
