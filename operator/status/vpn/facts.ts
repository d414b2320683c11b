// SPDX-License-Identifier: Apache-2.0
import type { Verdict } from '../../../api/reasons.ts';
import type { GatewayAnswer } from '../../../api/vpn-report.ts';
import type { DecidedVpn } from '../../compile/vpn/types.ts';
import type { InstanceFacts } from '../workload/instances.ts';

export type VpnVerdict = Verdict<'VPN'>;
export type PeerVerdict = Verdict<'VPNPeer'>;

export type NetworkFacts = 'NotFound' | 'NotAccepted' | 'Found';

/** All that the conditions of a VPN and its peers are concluded from. */
export interface VpnStatusFacts {
  readonly decided: DecidedVpn;
  readonly network: NetworkFacts;
  readonly active: string | undefined;
  /** Hash of the Secrets that every gateway should work with. */
  readonly inputs: string;
  /** Label selector of its pods, as `kubectl get pods -l` takes it. */
  readonly selector: string;
  readonly gateways: readonly InstanceFacts<GatewayAnswer>[];
  /** What the API server said of the Service in front when it refused it. */
  readonly serviceRefusal?: string | undefined;
  /** What the cluster's own load balancer has given the Service in front. */
  readonly ingress?: readonly string[] | undefined;
}

/** What the active gateway said last. */
export function activeReport({ active, gateways }: VpnStatusFacts): GatewayAnswer | undefined {
  return gateways.find(({ pod }) => pod === active)?.report;
}
