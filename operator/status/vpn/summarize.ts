// SPDX-License-Identifier: Apache-2.0
import { type Condition, renderConditions, renderTime } from '../../../api/conditions.ts';
import type { VPNPeerStatus, VPNStatus } from '../../../api/index.ts';
import { formatAddress } from '../../../api/net/address.ts';
import { peerSecretNameOf } from '../../../api/vpn-names.ts';
import type { VpnPeer } from '../../../api/vpn-objects.ts';
import { peersInForce } from '../../compile/vpn/gateway.ts';
import { countInstances } from '../workload/instances.ts';
import { checkVpnStatus } from './checks.ts';
import { activeReport, type PeerFacts, type VpnStatusFacts } from './facts.ts';
import { checkPeerStatus } from './peer-checks.ts';

/** Computes the status of a VPN. */
export function summarizeVpn(facts: VpnStatusFacts, now: Date): VPNStatus {
  const { decided, gateways } = facts;
  const { vpn } = decided;
  const generation = vpn.metadata.generation ?? 0;
  const report = activeReport(facts);
  return {
    observedGeneration: generation,
    ...countInstances(gateways),
    selector: facts.selector,
    publicKey: decided.keys.publicKey,
    ...(decided.endpoint === undefined ? {} : { endpoint: decided.endpoint }),
    addresses: decided.gatewayAddresses.map(formatAddress),
    ...(facts.active === undefined ? {} : { active: facts.active }),
    ...(report?.wireGuard === undefined ? {} : { wireGuard: report.wireGuard }),
    peers: decided.problem ? 0 : peersInForce(decided).length,
    connected: report?.peers.filter(({ connected }) => connected).length ?? 0,
    conditions: renderConditions({
      kind: 'VPN',
      verdicts: checkVpnStatus(facts),
      previous: vpn.status?.conditions as readonly Condition[] | undefined,
      generation,
      now,
    }),
  };
}

/** Computes the status of a peer. Handshake and counters stay when the gateway that reported them is gone. */
export function summarizePeer(peer: VpnPeer, facts: PeerFacts, now: Date): VPNPeerStatus {
  const generation = peer.metadata.generation ?? 0;
  const decided = facts.found?.peer;
  const report = decided?.report;
  const handshake =
    report?.latestHandshake === undefined
      ? peer.status?.lastHandshake
      : renderTime(new Date(report.latestHandshake * 1000));
  const endpoint = report?.endpoint ?? peer.status?.endpoint;
  return {
    observedGeneration: generation,
    ...(decided ? { publicKey: decided.keys.publicKey } : {}),
    addresses: decided ? decided.addresses.map(formatAddress) : (peer.status?.addresses ?? []),
    ...(decided ? { secret: peerSecretNameOf(peer.metadata.name) } : {}),
    ...(handshake === undefined ? {} : { lastHandshake: handshake }),
    ...(endpoint === undefined ? {} : { endpoint }),
    rxBytes: report?.rxBytes ?? peer.status?.rxBytes ?? 0,
    txBytes: report?.txBytes ?? peer.status?.txBytes ?? 0,
    connected: report?.connected ?? false,
    conditions: renderConditions({
      kind: 'VPNPeer',
      verdicts: checkPeerStatus(facts),
      previous: peer.status?.conditions as readonly Condition[] | undefined,
      generation,
      now,
    }),
  };
}

/** Whether two statuses of a peer differ in more than traffic counters. Such a change is written at once. */
export function differsBeyondTraffic(a: VPNPeerStatus | undefined, b: VPNPeerStatus): boolean {
  return JSON.stringify(withoutTraffic(a)) !== JSON.stringify(withoutTraffic(b));
}

function withoutTraffic(status: VPNPeerStatus | undefined): unknown {
  const { rxBytes, txBytes, lastHandshake, ...rest } = status ?? {};
  return Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
}
