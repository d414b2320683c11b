// SPDX-License-Identifier: Apache-2.0
import type { Verdict } from '../../../api/reasons.ts';
import type { GatewayAnswer } from '../../../api/vpn-report.ts';
import type { DecidedPeer, DecidedVpn } from '../../compile/vpn/types.ts';
import type { InstanceFacts } from '../workload/instances.ts';

export type VpnVerdict = Verdict<'VPN'>;
export type PeerVerdict = Verdict<'VPNPeer'>;

export type NetworkFacts = 'NotFound' | 'NotAccepted' | 'Found';

/** The facts from which the conditions of a VPN and its peers are computed. */
export interface VpnStatusFacts {
  readonly decided: DecidedVpn;
  readonly network: NetworkFacts;
  readonly active: string | undefined;
  /** Hash of the Secrets that every gateway should have applied; undefined while the newest are not seen yet. */
  readonly inputs: string | undefined;
  /** Label selector of its pods, as `kubectl get pods -l` takes it. */
  readonly selector: string;
  readonly gateways: readonly InstanceFacts<GatewayAnswer>[];
  /** The API server's message when it refuses the pods, or what they need. */
  readonly podsRefusal?: string | undefined;
  /** The API server's message when it refused the Service in front of the gateways. */
  readonly serviceRefusal?: string | undefined;
  /** Addresses or names that the cluster's load balancer assigned to the Service. */
  readonly ingress?: readonly string[] | undefined;
}

/** The facts from which the conditions of a peer are computed: the peer, and its VPN if there is one. */
export interface PeerFacts {
  readonly namespace: string;
  /** Name of the VPN in the spec of the peer. */
  readonly vpn: string;
  readonly found: { readonly vpn: VpnStatusFacts; readonly peer: DecidedPeer } | undefined;
}

/** The last report of the active gateway. */
export function activeReport({ active, gateways }: VpnStatusFacts): GatewayAnswer | undefined {
  return gateways.find(({ pod }) => pod === active)?.report;
}
