// SPDX-License-Identifier: Apache-2.0
import type { VPNPeerSpec, VPNSpec } from '../../../api/index.ts';
import type { GatewayConfig } from '../../../api/vpn-gateway.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import type { PeerReport } from '../../../api/vpn-report.ts';
import { decideVpn } from '../../../operator/compile/vpn/decide.ts';
import type { KeySource } from '../../../operator/compile/vpn/keys.ts';
import type { DecidedVpn, PeerInput, VpnBlueprint } from '../../../operator/compile/vpn/types.ts';

const API = 'heddle.dev/v1alpha1' as const;
export const NOW = new Date('2026-11-28T12:00:00Z');

/** A key of 32 equal bytes, as WireGuard writes it. */
export function key(byte: number): string {
  return Buffer.alloc(32, byte).toString('base64');
}

/** A source of keys that differ: the first, the second, ... */
export function countingKeys(): KeySource {
  let made = 0x40;
  const next = (): string => {
    made += 1;
    return key(made);
  };
  return { privateKey: next, presharedKey: next };
}

export function vpn(spec: Partial<VPNSpec> = {}): Vpn {
  return {
    apiVersion: API,
    kind: 'VPN',
    metadata: { namespace: 'shop', name: 'branch', uid: 'vpn-uid', generation: 4 },
    spec: {
      network: 'shop',
      pool: ['10.99.0.0/24'],
      listenPort: 51820,
      mtu: 1360,
      keepalive: 25,
      peerToPeer: false,
      replicas: 2,
      ...spec,
    },
  };
}

/** What the operator tells the gateways of `vpn()`, with one peer. */
export const gatewayConfig: GatewayConfig = {
  generation: 4,
  active: 'branch-1',
  listenPort: 51820,
  mtu: 1360,
  addresses: ['10.99.0.1'],
  pool: ['10.99.0.0/24'],
  routes: ['10.20.0.0/16'],
  peerToPeer: false,
  peers: [{ name: 'laptop', publicKey: key(1), allowedIPs: ['10.99.0.5/32'] }],
};

/** The `age`-th oldest peer, from 0. */
export function peer(
  name: string,
  spec: Partial<VPNPeerSpec> = {},
  more: { readonly age?: number; readonly addresses?: readonly string[] } = {},
): VpnPeer {
  const { age = 0, addresses } = more;
  const creationTimestamp = new Date(Date.parse('2026-11-01T00:00:00Z') + age * 1000).toISOString();
  return {
    apiVersion: API,
    kind: 'VPNPeer',
    metadata: { namespace: 'shop', name, uid: `${name}-uid`, generation: 2, creationTimestamp },
    spec: { vpn: 'branch', presharedKey: false, disabled: false, ...spec },
    ...(addresses ? { status: { addresses } } : {}),
  };
}

export function report(name: string, more: Partial<PeerReport> = {}): PeerReport {
  return {
    name,
    publicKey: key(1),
    latestHandshake: NOW.getTime() / 1000 - 10,
    endpoint: '203.0.113.9:40000',
    rxBytes: 100,
    txBytes: 200,
    connected: true,
    ...more,
  };
}

export function input(object: VpnPeer, more: Partial<PeerInput> = {}): PeerInput {
  return { peer: object, stored: undefined, report: undefined, ...more };
}

export function decide(peers: readonly PeerInput[], more: Partial<VpnBlueprint> = {}): DecidedVpn {
  return decideVpn({
    vpn: vpn(),
    subnets: ['10.20.0.0/16'],
    claims: [],
    peers,
    stored: { privateKey: key(0x60) },
    serviceEndpoint: 'vpn.example.com:51820',
    active: 'branch-1',
    keys: countingKeys(),
    now: NOW,
    ...more,
  });
}
