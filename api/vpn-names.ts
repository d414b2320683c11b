// SPDX-License-Identifier: Apache-2.0
import { objectNameOf } from './function-names.ts';

/** The Secret with the gateway's own key pair. Only its gateways read it. */
export function gatewayKeyNameOf(vpn: string): string {
  return `${objectNameOf('VPN', vpn)}-key`;
}

/** The Secret with what the gateways must do: peers with their public and preshared keys, and who is active. */
export function gatewayConfigNameOf(vpn: string): string {
  return `${objectNameOf('VPN', vpn)}-config`;
}

/** Both Secrets of a VPN's gateways: the key's, then the config's. */
export function gatewaySecretNamesOf(vpn: string): readonly [key: string, config: string] {
  return [gatewayKeyNameOf(vpn), gatewayConfigNameOf(vpn)];
}

/** The Secret of a peer: its keys, and the file for its WireGuard. */
export function peerSecretNameOf(peer: string): string {
  return objectNameOf('VPNPeer', peer);
}

/** The entries of a peer's Secret. */
export const peerEntries = {
  file: 'wg0.conf',
  privateKey: 'privateKey',
  publicKey: 'publicKey',
  presharedKey: 'presharedKey',
} as const;

/** How long a gateway that is told to end stays for another one to become active, at most. */
export const handoverSeconds = 30;
