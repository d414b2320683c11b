// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../../../api/net/address.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import type { PeerReport } from '../../../api/vpn-report.ts';
import type { FileMark } from './file-mark.ts';
import type { KeyPair, KeySource, PeerKeys, StoredKeys } from './keys.ts';

/** A problem that prevents a VPN from being carried out. */
export interface VpnProblem {
  readonly reason: 'PoolOverlapsSubnet' | 'PoolOverlapsPrefix' | 'SecretInUse';
  readonly field: string;
  readonly message: string;
}

/** A problem that prevents a peer from connecting, and that only other objects show. */
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

/** Address ranges on the network that another object has. */
export interface PrefixClaim {
  /** The holder as messages name it: `VPN other`, `Port web-net1`. */
  readonly holder: string;
  readonly cidrs: readonly string[];
}

/** A peer, and the keys in its Secret. */
export interface PeerInput {
  readonly peer: VpnPeer;
  readonly stored: StoredKeys | undefined;
  /** The file in the peer's Secret, and the mark on it. */
  readonly storedFile?: { readonly text: string | undefined; readonly mark: FileMark | undefined };
  /** Networks behind the peer that are not let in yet; absent: none. */
  readonly unclassified?: readonly string[];
  /** The active gateway's report about the peer. */
  readonly report: PeerReport | undefined;
  /** Whether the name of the peer's Secret is taken by a Secret that Heddle did not make. */
  readonly secretTaken?: boolean;
}

/** The input for deciding and compiling a VPN. */
export interface VpnBlueprint {
  readonly vpn: Vpn;
  /** CIDRs of the network's subnets; undefined while there is no such network. */
  readonly subnets: readonly string[] | undefined;
  readonly claims: readonly PrefixClaim[];
  readonly peers: readonly PeerInput[];
  /** The keys in the gateway's key Secret. */
  readonly stored: StoredKeys | undefined;
  /** The name of one of its Secrets that is taken by a Secret that Heddle did not make. */
  readonly secretTaken?: string | undefined;
  /** host:port of the Service in front of the gateways, when there is one. */
  readonly serviceEndpoint: string | undefined;
  /** The active gateway's pod. */
  readonly active: string | undefined;
  readonly keys: KeySource;
  readonly now: Date;
}

/** A peer with everything decided: keys, addresses, and problem. */
export interface DecidedPeer {
  readonly peer: VpnPeer;
  readonly keys: PeerKeys;
  readonly addresses: readonly Address[];
  /** Networks behind the peer that are let in now. */
  readonly sites: readonly string[];
  readonly state: PeerState;
  readonly report: PeerReport | undefined;
  /** Set while the holder of the peer's file may have a former one. */
  readonly mark?: FileMark | undefined;
  /** The mark that is stored. */
  readonly storedMark?: FileMark | undefined;
}

export type PeerState =
  | { readonly kind: 'InForce' }
  | { readonly kind: 'Refused'; readonly problem: PeerProblem }
  | { readonly kind: 'Disabled' }
  | { readonly kind: 'Expired'; readonly at: string };

/** A VPN with everything decided. The writes are compiled from it. */
export interface DecidedVpn {
  readonly vpn: Vpn;
  readonly problem: VpnProblem | undefined;
  readonly keys: KeyPair;
  readonly endpoint: string | undefined;
  readonly routes: readonly string[];
  readonly gatewayAddresses: readonly Address[];
  /** The peers in order of precedence. */
  readonly peers: readonly DecidedPeer[];
  /** When the next peer expires. The VPN needs a reconcile pass then. */
  readonly nextExpiry: Date | undefined;
}
