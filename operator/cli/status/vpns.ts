import { type Condition, findCondition } from '../../api/conditions.ts';
import type { VpnPeer } from '../../api/vpn-objects.ts';
import { checkConditions } from './conditions.ts';
import type { Finding, World } from './world.ts';

/** Reasons of a peer that may not connect because somebody wants it so: nothing is to be done about them. */
const WANTED = new Set(['Disabled', 'Expired']);

/** Pure: what the conditions of VPNs and their peers say that is not well. */
export function checkVpns({ vpns, vpnPeers, now }: World): readonly Finding[] {
  const others = vpnPeers.filter((peer) => !WANTED.has(readyOf(peer)?.reason ?? ''));
  return [
    ...checkConditions('VPN', vpns as readonly Conditioned[], now),
    ...checkConditions('VPNPeer', others as readonly Conditioned[], now),
  ];
}

/** Pure: `1 VPN (2 of 3 peers connected)`; nothing where there are none. A peer that is away is no fault. */
export function describeVpns({ vpns, vpnPeers }: World): readonly string[] {
  if (vpns.length === 0) return [];
  const welcome = vpnPeers.filter((peer) => readyOf(peer)?.status === 'True');
  const connected = welcome.filter(({ status }) => status?.connected === true).length;
  const peers = `${connected} of ${welcome.length} ${welcome.length === 1 ? 'peer' : 'peers'} connected`;
  return [`${vpns.length} ${vpns.length === 1 ? 'VPN' : 'VPNs'} (${peers})`];
}

/** The generated types say less of a condition than its schema. */
type Conditioned = Parameters<typeof checkConditions>[1][number];

function readyOf({ status }: VpnPeer): Condition | undefined {
  return findCondition(status?.conditions as readonly Condition[] | undefined, 'Ready');
}
