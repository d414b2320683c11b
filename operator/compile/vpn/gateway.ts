// SPDX-License-Identifier: Apache-2.0
import { formatAddress } from '../../../api/net/address.ts';
import type { GatewayConfig, GatewayPeer } from '../../../api/vpn-gateway.ts';
import type { DecidedPeer, DecidedVpn } from './types.ts';
import { asHost } from './wg-quick.ts';

/**
 * Compiles the config of the gateways of a VPN. A VPN that is not accepted has no peers in it, so no peer can
 * connect.
 */
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
 * The prefixes of the active gateway's Port, besides its address: the pool, and the networks behind the peers in
 * force. No other gateway's Port has them, so that replies go to the active gateway.
 */
export function gatewayPrefixes(decided: DecidedVpn): readonly string[] {
  if (decided.problem) return [];
  const sites = peersInForce(decided).flatMap((peer) => peer.sites);
  return [...new Set([...decided.vpn.spec.pool, ...sites])].sort();
}

function gatewayPeerOf({ peer, keys, addresses, sites, report }: DecidedPeer): GatewayPeer {
  // A peer that was not connected does not wait for the gateway to send first.
  const endpoint = report?.connected ? report.endpoint : undefined;
  return {
    name: peer.metadata.name,
    publicKey: keys.publicKey,
    ...(keys.presharedKey === undefined ? {} : { presharedKey: keys.presharedKey }),
    allowedIPs: [...addresses.map(asHost), ...sites],
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
