// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../../../api/net/address.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import type { PeerReport } from '../../../api/vpn-report.ts';
import type { KeyPair, KeySource, PeerKeys, StoredKeys } from './keys.ts';

/** What keeps a VPN from being carried out. */
export interface VpnProblem {
  readonly reason: 'PoolOverlapsSubnet' | 'PoolOverlapsPrefix' | 'SecretInUse';
  readonly field: string;
  readonly message: string;
}

/** What keeps a peer from connecting, that only other objects can tell. */
export interface PeerProblem {
  readonly reason:
    | 'AddressInUse'
    | 'AddressOutsidePool'
    | 'AllowedIPsOverlap'
    | 'DuplicatePublicKey'
    | 'PoolExhausted'
    | 'SecretInUse';
  readonly field: string;
  readonly message: string;
}

/** Address ranges of the network that somebody else has. */
export interface PrefixClaim {
  /** As messages name it: `VPN other`, `Port web-net1`. */
  readonly holder: string;
  readonly cidrs: readonly string[];
}

/** A peer, and what its Secret has. */
export interface PeerInput {
  readonly peer: VpnPeer;
  readonly stored: StoredKeys | undefined;
  /** Networks behind it that nobody is let in from yet; absent: none. */
  readonly unclassified?: readonly string[];
  /** What the active gateway says of it. */
  readonly report: PeerReport | undefined;
  /** Whether somebody else made a Secret under the name of its own. */
  readonly secretTaken?: boolean;
}

/** All that a VPN is compiled from. */
export interface VpnBlueprint {
  readonly vpn: Vpn;
  /** CIDRs of the network's subnets; undefined while there is no such network. */
  readonly subnets: readonly string[] | undefined;
  readonly claims: readonly PrefixClaim[];
  readonly peers: readonly PeerInput[];
  /** What the gateway's key Secret has. */
  readonly stored: StoredKeys | undefined;
  /** The name of one of its Secrets under which somebody else made one. */
  readonly secretTaken?: string | undefined;
  /** host:port of the Service in front, when it has one. */
  readonly serviceEndpoint: string | undefined;
  /** The pod that peers shall talk to. */
  readonly active: string | undefined;
  readonly keys: KeySource;
  readonly now: Date;
}

/** A peer after all has been decided. */
export interface DecidedPeer {
  readonly peer: VpnPeer;
  readonly keys: PeerKeys;
  readonly addresses: readonly Address[];
  /** Networks behind it, as far as they are let in now. */
  readonly sites: readonly string[];
  readonly state: PeerState;
  readonly report: PeerReport | undefined;
}

export type PeerState =
  | { readonly kind: 'InForce' }
  | { readonly kind: 'Refused'; readonly problem: PeerProblem }
  | { readonly kind: 'Disabled' }
  | { readonly kind: 'Expired'; readonly at: string };

/** A VPN after all has been decided; what is to be written is made from it. */
export interface DecidedVpn {
  readonly vpn: Vpn;
  readonly problem: VpnProblem | undefined;
  readonly keys: KeyPair;
  readonly endpoint: string | undefined;
  readonly routes: readonly string[];
  readonly gatewayAddresses: readonly Address[];
  /** In the order of their precedence. */
  readonly peers: readonly DecidedPeer[];
  /** When the next peer expires: the moment to look again. */
  readonly nextExpiry: Date | undefined;
}
