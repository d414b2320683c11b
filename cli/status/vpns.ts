// SPDX-License-Identifier: Apache-2.0
import { type Condition, findCondition } from '../../api/conditions.ts';
import type { VpnPeer } from '../../api/vpn-objects.ts';
import { checkConditions } from './conditions.ts';
import { type Finding, nameOf, type World } from './world.ts';

/** Pure: finds problems of VPNs and their peers. A peer that a user has disabled is not a problem. */
export function checkVpns({ vpns, vpnPeers, now }: World): readonly Finding[] {
  const told = new Set(['Disabled', 'Expired']);
  const others = vpnPeers.filter((peer) => !told.has(readyReasonOf(peer) ?? ''));
  return [
    ...checkConditions('VPN', vpns, now),
    ...checkConditions('VPNPeer', others, now),
    ...vpnPeers.filter((peer) => readyReasonOf(peer) === 'Expired').map(describeExpired),
  ];
}

/** Pure: counts VPNs and peers, when there are any. */
export function countVpns({ vpns, vpnPeers }: World): readonly string[] {
  if (vpns.length === 0 && vpnPeers.length === 0) return [];
  const connected = vpnPeers.filter(({ status }) => status?.connected).length;
  const peers = `${vpnPeers.length} VPN ${vpnPeers.length === 1 ? 'peer' : 'peers'} (${connected} connected)`;
  return [`${vpns.length} ${vpns.length === 1 ? 'VPN' : 'VPNs'}`, peers];
}

function readyReasonOf({ status }: VpnPeer): string | undefined {
  return findCondition(status?.conditions as readonly Condition[] | undefined, 'Ready')?.reason;
}

function describeExpired(peer: VpnPeer): Finding {
  return {
    severity: 'Notice',
    object: nameOf('VPNPeer', peer),
    message: `it may not connect since ${peer.spec.expiresAt}`,
    todo: 'Set a later spec.expiresAt, or remove the peer.',
  };
}
