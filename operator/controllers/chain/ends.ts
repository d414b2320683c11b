// SPDX-License-Identifier: Apache-2.0
import { findCondition, isTrue } from '../../../api/conditions.ts';
import type { ServiceChain } from '../../../api/index.ts';
import { joinKey, keyOf } from '../../../api/key.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { type ChainEnds, type NamedVpn, resolveEnds } from '../../compile/chain/ends.ts';
import type { Stores } from '../../observe/stores.ts';

/** What the ends of a chain name, as it is now. */
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
      // Not what its spec asks for: that may be a pod's, whose packets are none of its.
      return { network: found.spec.network, addresses: found.status?.addresses ?? [] };
    },
    vpn: (name) => {
      const found = stores.vpns.get(joinKey(metadata.namespace, name));
      return found && !found.metadata.deletionTimestamp ? observeVpn(stores, found) : undefined;
    },
  });
}

/**
 * The pool whole, and not each peer's address: a peer that was just let in is in the chain before its first packet. The
 * same for sites that are disabled or expired, which keep what is theirs: they can be let in again at any moment.
 */
function observeVpn(stores: Pick<Stores, 'vpnPeers'>, vpn: Vpn): NamedVpn {
  const sites = stores.vpnPeers.byIndex('vpn', keyOf(vpn)).filter((peer) => !isRefused(peer));
  return {
    network: vpn.spec.network,
    isAccepted: isTrue(vpn.status?.conditions, 'Accepted'),
    cidrs: [...vpn.spec.pool, ...sites.flatMap(({ spec }) => spec.allowedIPs ?? [])],
  };
}

/** Whether what a peer asks for is somebody else's. */
export function isRefused({ status }: VpnPeer): boolean {
  return findCondition(status?.conditions, 'Accepted')?.status === 'False';
}
