// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import { parsePrefixOrAddress } from '../../api/net/prefix.ts';
import type { GatewayConfig } from '../../api/vpn-gateway.ts';
import { notCoveredBy } from '../../api/vpn-overlap.ts';
import type { Ruleset } from '../shared/nft/ruleset.ts';
import type { Facts } from './facts.ts';
import { DEVICE, TENANT } from './names.ts';
import { renderRuleset } from './ruleset.ts';
import type { WantedPeer } from './wg.ts';

/** The desired state of a gateway's namespace. */
export interface GatewayState {
  readonly role: 'Active' | 'Standby';
  readonly privateKey: string;
  readonly listenPort: number;
  readonly mtu: number;
  /** The gateway's own addresses inside the tunnel. */
  readonly addresses: readonly string[];
  readonly peers: readonly WantedPeer[];
  /** The endpoint where each peer was last heard from, by public key. */
  readonly endpoints: ReadonlyMap<string, string>;
  /** Routes of tenants' packets, as `ip route` takes them. */
  readonly routes: Readonly<Record<Family, readonly string[]>>;
  readonly ownRoutes: Readonly<Record<Family, readonly string[]>>;
  readonly ruleset: Ruleset;
}

/** Pure: renders the desired state of a gateway's namespace. */
export function renderGateway(options: {
  readonly config: GatewayConfig;
  readonly privateKey: string;
  readonly facts: Facts;
  readonly pod: string;
}): GatewayState {
  const { config, privateKey, facts, pod } = options;
  const role = config.active === pod ? 'Active' : 'Standby';
  return {
    role,
    privateKey,
    listenPort: config.listenPort,
    mtu: config.mtu,
    addresses: config.addresses,
    peers: config.peers.map(({ publicKey, presharedKey, allowedIPs }) => ({
      publicKey,
      presharedKey,
      allowedIPs,
    })),
    endpoints: new Map(
      config.peers.flatMap(({ publicKey, endpoint }) => (endpoint ? [[publicKey, endpoint] as const] : [])),
    ),
    routes: { 4: tenantRoutes(config, facts, 4, role), 6: tenantRoutes(config, facts, 6, role) },
    ownRoutes: facts.own.routes,
    ruleset: renderRuleset({ routes: config.routes, peerToPeer: config.peerToPeer }),
  };
}

/**
 * The routes of tenants' packets, and no others: the VPN's routes through the tenant's interface, peers through the
 * tunnel (a peer may be a site's router, so peers have routes too), and the gateway's own addresses. Packets to all
 * other destinations are answered "unreachable". A standby gateway's tunnel is down, and a route cannot use an
 * interface that is down.
 */
function tenantRoutes(
  config: GatewayConfig,
  facts: Facts,
  family: Family,
  role: GatewayState['role'],
): readonly string[] {
  const ours = (texts: readonly string[]): readonly string[] =>
    [...new Set(texts)].filter((text) => parsePrefixOrAddress(text).family === family).sort();
  const tenant = ours(facts.tenant?.addresses ?? []);
  const peers = ours([...config.pool, ...config.peers.flatMap(({ allowedIPs }) => allowedIPs)]);
  return [
    ...tenant.map((address) => `local ${address} dev ${TENANT}`),
    ...(tenant.length > 0
      ? notCoveredBy(ours(config.routes), peers).map((range) => `${range} dev ${TENANT}`)
      : []),
    ...(role === 'Standby'
      ? []
      : [
          ...ours(config.addresses).map((address) => `local ${address} dev ${DEVICE}`),
          ...peers.map((range) => `${range} dev ${DEVICE}`),
        ]),
    'unreachable default',
  ];
}

/** Bytes around a packet in the tunnel: the outer header by its family, UDP, and WireGuard's own header. */
const OUTSIDE = { 4: 60, 6: 80 } as const;

/** Pure: the message when the pod's own network cannot carry the tunnel's packets whole; undefined when it can. */
export function mtuComplaint(mtu: number, facts: Facts): string | undefined {
  const hasIpv6 = facts.own.routes[6].some((route) => route.startsWith('default'));
  const room = facts.own.mtu - OUTSIDE[hasIpv6 ? 6 : 4];
  if (mtu <= room) return undefined;
  return `the pod's own network carries ${facts.own.mtu} bytes, so packets of a tunnel of ${mtu} are cut in two; lower mtu to ${room}`;
}
