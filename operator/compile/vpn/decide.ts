// SPDX-License-Identifier: Apache-2.0
import { addressesOf } from '../../../api/net/address.ts';
import { prefixesOf } from '../../../api/net/prefix.ts';
import { peerSecretNameOf } from '../../../api/vpn-names.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { type Allocation, allocateAddresses, gatewayAddresses } from './addresses.ts';
import { checkAllowedIPs, checkPublicKey, checkVpn, secretProblem } from './checks.ts';
import { markOf } from './file-mark.ts';
import { gatewayKeys, type PeerKeys, peerKeys } from './keys.ts';
import type {
  DecidedPeer,
  DecidedVpn,
  PeerInput,
  PeerProblem,
  PeerState,
  PrefixClaim,
  VpnBlueprint,
} from './types.ts';
import { renderPeerFile } from './wg-quick.ts';

/** Decides the state of a VPN: keys, addresses, the peers that may connect, and until when this holds. */
export function decideVpn(blueprint: VpnBlueprint): DecidedVpn {
  const { vpn, subnets, now } = blueprint;
  const keys = gatewayKeys(blueprint.stored, blueprint.keys);
  const peers = decidePeers(blueprint, keys.publicKey);
  const decided: DecidedVpn = {
    vpn,
    problem: checkVpn(blueprint),
    keys,
    endpoint: vpn.spec.endpoint ?? blueprint.serviceEndpoint,
    routes: vpn.spec.routes ?? subnets ?? [],
    gatewayAddresses: gatewayAddresses(prefixesOf(vpn.spec.pool)),
    peers,
    nextExpiry: nextExpiryOf(peers, now),
  };
  return { ...decided, peers: peers.map((peer) => withMark(decided, peer, blueprint)) };
}

/** A peer, with the mark of its file. */
function withMark(decided: DecidedVpn, peer: DecidedPeer, { peers, now }: VpnBlueprint): DecidedPeer {
  const { name } = peer.peer.metadata;
  const before = peers.find((each) => each.peer.metadata.name === name)?.storedFile;
  const { endpoint, expose } = decided.vpn.spec;
  const mark = markOf({
    stored: before?.text,
    mark: before?.mark,
    file: peer.state.kind === 'Refused' ? undefined : renderPeerFile(decided, peer),
    endpointFollows: endpoint === undefined && expose?.externalTrafficPolicy === 'Local',
    lastHandshake: peer.peer.status?.lastHandshake,
    now,
  });
  return { ...peer, mark, storedMark: before?.mark };
}

/**
 * Compares two objects that claim the same thing. The older one comes first; the name breaks ties within one second.
 */
export function byPrecedence(a: Vpn | VpnPeer, b: Vpn | VpnPeer): number {
  const key = ({ metadata }: Vpn | VpnPeer): string =>
    `${metadata.creationTimestamp ?? '9'} ${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}

function decidePeers(blueprint: VpnBlueprint, gatewayKey: string): readonly DecidedPeer[] {
  const { vpn, subnets, now } = blueprint;
  const inputs = [...blueprint.peers].sort((a, b) => byPrecedence(a.peer, b.peer));
  const allocations = allocateAddresses(prefixesOf(vpn.spec.pool), inputs.map(wishOf));
  const known = new Map([[gatewayKey, `VPN ${vpn.metadata.name}`]]);
  const claims: PrefixClaim[] = [
    { holder: `network ${vpn.spec.network}`, cidrs: subnets ?? [] },
    { holder: `VPN ${vpn.metadata.name} (its pool)`, cidrs: vpn.spec.pool },
    ...blueprint.claims,
  ];
  return inputs.map((input) => {
    const keys = keysOf(input, blueprint);
    const allocation = allocations.get(input.peer.metadata.name)!;
    const problem = problemOf({ input, keys, allocation, known, claims });
    if (!problem) claim(input.peer, keys, { known, claims });
    const state = stateOf(input.peer, problem, now);
    return {
      peer: input.peer,
      keys,
      addresses: allocation.addresses,
      sites: sitesOf(input),
      state,
      report: input.report,
    };
  });
}

function sitesOf({ peer, unclassified = [] }: PeerInput): readonly string[] {
  return (peer.spec.allowedIPs ?? []).filter((cidr) => !unclassified.includes(cidr));
}

function wishOf({ peer }: PeerInput) {
  return {
    name: peer.metadata.name,
    uid: peer.metadata.uid ?? peer.metadata.name,
    wanted: addressesOf(peer.spec.addresses),
    kept: addressesOf(peer.status?.addresses),
  };
}

function keysOf({ peer, stored }: PeerInput, { keys }: VpnBlueprint): PeerKeys {
  const { publicKey, presharedKey } = peer.spec;
  return peerKeys({ publicKey, wantsPresharedKey: presharedKey, stored, source: keys });
}

function problemOf(options: {
  readonly input: PeerInput;
  readonly keys: PeerKeys;
  readonly allocation: Allocation;
  readonly known: ReadonlyMap<string, string>;
  readonly claims: readonly PrefixClaim[];
}): PeerProblem | undefined {
  const { input, keys, allocation, known, claims } = options;
  const { name } = input.peer.metadata;
  return (
    (input.secretTaken ? secretProblem(peerSecretNameOf(name), 'peer') : undefined) ??
    checkPublicKey(keys.publicKey, known) ??
    allocation.problem ??
    checkAllowedIPs(input.peer.spec.allowedIPs, claims)
  );
}

/**
 * Records the key and the networks of an accepted peer. A refused peer is not recorded, so the next peer may get what
 * it wanted.
 */
function claim(
  peer: VpnPeer,
  keys: PeerKeys,
  taken: { readonly known: Map<string, string>; readonly claims: PrefixClaim[] },
): void {
  const holder = `peer ${peer.metadata.name}`;
  taken.known.set(keys.publicKey, holder);
  if (peer.spec.allowedIPs) taken.claims.push({ holder, cidrs: peer.spec.allowedIPs });
}

function stateOf(peer: VpnPeer, problem: PeerProblem | undefined, now: Date): PeerState {
  if (problem) return { kind: 'Refused', problem };
  if (peer.spec.disabled) return { kind: 'Disabled' };
  const { expiresAt } = peer.spec;
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime())
    return { kind: 'Expired', at: expiresAt };
  return { kind: 'InForce' };
}

function nextExpiryOf(peers: readonly DecidedPeer[], now: Date): Date | undefined {
  const times = peers
    .filter(({ state }) => state.kind === 'InForce')
    .flatMap(({ peer }) => (peer.spec.expiresAt === undefined ? [] : [Date.parse(peer.spec.expiresAt)]))
    .filter((time) => time > now.getTime());
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}
