// SPDX-License-Identifier: Apache-2.0
import { formatAddress } from '../../../api/net/address.ts';
import type { GatewayConfig, GatewayPeer } from '../../../api/vpn-gateway.ts';
import type { DecidedPeer, DecidedVpn } from './types.ts';
import { asHost } from './wg-quick.ts';

/** What the gateways of a VPN must do. A VPN that is not accepted has no peers: nobody gets in. */
export function compileGateway(decided: DecidedVpn, active: string | undefined): GatewayConfig {
  const { vpn, problem } = decided;
  return {
    generation: vpn.metadata.generation ?? 0,
    active,
    listenPort: vpn.spec.listenPort,
    mtu: vpn.spec.mtu,
    addresses: decided.gatewayAddresses.map(formatAddress),
    pool: vpn.spec.pool,
    routes: decided.routes,
    peerToPeer: vpn.spec.peerToPeer,
    peers: problem ? [] : peersInForce(decided).map(gatewayPeerOf),
  };
}

/** Peers that may connect now. */
export function peersInForce({ peers }: DecidedVpn): readonly DecidedPeer[] {
  return peers.filter(({ state }) => state.kind === 'InForce');
}

/**
 * What the gateways' Port owns besides its address: the pool, and the networks behind the peers in force. The active
 * gateway's Port alone has them, so that answers go where the peers are.
 */
export function gatewayPrefixes(decided: DecidedVpn): readonly string[] {
  if (decided.problem) return [];
  const sites = peersInForce(decided).flatMap((peer) => peer.sites);
  return [...new Set([...decided.vpn.spec.pool, ...sites])].sort();
}

function gatewayPeerOf({ peer, keys, addresses, sites, report }: DecidedPeer): GatewayPeer {
  // Somebody who was not connected does not wait for anybody to speak.
  const endpoint = report?.connected ? report.endpoint : undefined;
  return {
    name: peer.metadata.name,
    publicKey: keys.publicKey,
    ...(keys.presharedKey === undefined ? {} : { presharedKey: keys.presharedKey }),
    allowedIPs: [...addresses.map(asHost), ...sites],
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
