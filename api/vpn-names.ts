// SPDX-License-Identifier: Apache-2.0
import { objectNameOf } from './function-names.ts';

/** Name of the Secret with the gateway's key pair. Only the gateways of the VPN read it. */
export function gatewayKeyNameOf(vpn: string): string {
  return `${objectNameOf('VPN', vpn)}-key`;
}

/**
 * Name of the Secret with the config of the gateways: peers with their public and preshared keys, and the active
 * gateway.
 */
export function gatewayConfigNameOf(vpn: string): string {
  return `${objectNameOf('VPN', vpn)}-config`;
}

/** Names of both Secrets of a VPN's gateways: key, then config. */
export function gatewaySecretNamesOf(vpn: string): readonly [key: string, config: string] {
  return [gatewayKeyNameOf(vpn), gatewayConfigNameOf(vpn)];
}

/** Name of the Secret of a peer, with its keys and its WireGuard configuration file. */
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

/** Longest time, in seconds, that a terminating gateway stays until another one is active. */
export const handoverSeconds = 30;
