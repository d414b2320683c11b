// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../../../api/net/address.ts';
import { formatPrefix, hostPrefix, parsePrefix } from '../../../api/net/prefix.ts';
import { notCoveredBy } from '../../../api/vpn-overlap.ts';
import type { DecidedPeer, DecidedVpn } from './types.ts';

/**
 * The file that a peer's own WireGuard takes as it is (wg-quick, and the applications for phones); undefined while
 * nobody knows where the gateway can be reached.
 */
export function renderPeerFile(vpn: DecidedVpn, peer: DecidedPeer): string | undefined {
  if (vpn.endpoint === undefined) return undefined;
  const { spec, metadata } = vpn.vpn;
  return [
    `# Peer ${peer.peer.metadata.name} of VPN ${metadata.namespace}/${metadata.name}`,
    '[Interface]',
    // Whoever keeps the private key puts it here.
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

/** What the peer sends into the tunnel: of the IP versions that it has an address of, and never what is behind itself. */
function reachOf(vpn: DecidedVpn, peer: DecidedPeer): readonly string[] {
  const { spec } = vpn.vpn;
  const others = spec.peerToPeer ? spec.pool : vpn.gatewayAddresses.map(asHost);
  const families = new Set(peer.addresses.map(({ family }) => family));
  const all = notCoveredBy([...new Set([...vpn.routes, ...others])], peer.peer.spec.allowedIPs ?? []);
  return all.filter((text) => families.has(parsePrefix(text).family));
}

/** An address as a prefix of one. */
export function asHost(address: Address): string {
  return formatPrefix(hostPrefix(address));
}
