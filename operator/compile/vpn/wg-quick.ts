// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../../../api/net/address.ts';
import { formatPrefix, hostPrefix, parsePrefix } from '../../../api/net/prefix.ts';
import { notCoveredBy } from '../../../api/vpn-overlap.ts';
import type { DecidedPeer, DecidedVpn } from './types.ts';

/**
 * The configuration file that a peer's WireGuard can use unchanged (wg-quick, and the apps for phones); undefined
 * while no endpoint of the gateway is known.
 */
export function renderPeerFile(vpn: DecidedVpn, peer: DecidedPeer): string | undefined {
  if (vpn.endpoint === undefined) return undefined;
  const { spec, metadata } = vpn.vpn;
  return [
    `# Peer ${peer.peer.metadata.name} of VPN ${metadata.namespace}/${metadata.name}`,
    '[Interface]',
    // The holder of the private key puts it here.
    peer.keys.privateKey === undefined
      ? '# PrivateKey = (of the public key in spec.publicKey)'
      : `PrivateKey = ${peer.keys.privateKey}`,
    `Address = ${peer.addresses.map(asHost).join(', ')}`,
    ...(spec.dns ? [`DNS = ${spec.dns.join(', ')}`] : []),
    `MTU = ${spec.mtu}`,
    '',
    '[Peer]',
    `PublicKey = ${vpn.keys.publicKey}`,
    ...(peer.keys.presharedKey === undefined ? [] : [`PresharedKey = ${peer.keys.presharedKey}`]),
    `Endpoint = ${vpn.endpoint}`,
    `AllowedIPs = ${reachOf(vpn, peer).join(', ')}`,
    ...(spec.keepalive > 0 ? [`PersistentKeepalive = ${spec.keepalive}`] : []),
    '',
  ].join('\n');
}

/**
 * The prefixes that the peer sends into the tunnel: only of IP versions of which it has an address, and never the
 * networks behind itself.
 */
export function reachOf(vpn: DecidedVpn, peer: DecidedPeer): readonly string[] {
  const families = new Set(peer.addresses.map(({ family }) => family));
  const all = notCoveredBy(sharedReachOf(vpn), peer.peer.spec.allowedIPs ?? []);
  return all.filter((text) => families.has(parsePrefix(text).family));
}

/** The prefixes that peers send into the tunnel, whatever addresses and networks they have themselves. */
export function sharedReachOf({ vpn: { spec }, routes, gatewayAddresses }: DecidedVpn): readonly string[] {
  const others = spec.peerToPeer ? spec.pool : gatewayAddresses.map(asHost);
  return [...new Set([...routes, ...others])];
}

/** An address as a prefix of full length. */
export function asHost(address: Address): string {
  return formatPrefix(hostPrefix(address));
}
