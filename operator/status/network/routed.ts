// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import type { Verdict } from '../../../api/reasons.ts';
import { MOST_ROUTES, type Overlap, type RoutesVerdict } from '../../compile/network/routes.ts';

type Routed = Extract<Verdict<'VirtualNetwork'>, { type: 'Routed' }>;

const ADVICE =
  'use other ranges, or set spec.routes.clusterRanges: Allow if pods shall reach this network in place of the cluster there';

/** The condition Routed of a network: what is kept out of pods comes before what is in them. */
export function judgeRouted({ overlaps, beyond }: RoutesVerdict): Routed {
  const denied = overlaps.filter(({ routed }) => routed === undefined);
  const kept = overlaps.filter(({ routed }) => routed === 'Kept');
  if (denied.length > 0) {
    const rest = kept.length > 0 ? `; ${describe(kept)}; still routed in pods that had it before` : '';
    return overlapsCluster(
      `not routed into pods, and no address of it is given: ${describe(denied)}${rest}; ${ADVICE}`,
    );
  }
  if (kept.length > 0) {
    return overlapsCluster(
      `${describe(kept)}; routed in pods of this namespace as before, where it hides the cluster's, and not in pods of others that join now; ${ADVICE}`,
    );
  }
  if (beyond > 0) {
    const message = `the network has ${MOST_ROUTES + beyond} ranges, ${MOST_ROUTES} of them are routed; name fewer and larger ranges in allowedIPs of VPN peers`;
    return { type: 'Routed', status: 'False', reason: 'TooManyRoutes', message };
  }
  if (overlaps.length > 0) {
    const message = `${describe(overlaps)}; in pods of this network, these addresses are the network's and hide the cluster's, because spec.routes.clusterRanges is Allow`;
    return { type: 'Routed', status: 'True', reason: 'ClusterRangesAllowed', message };
  }
  return { type: 'Routed', status: 'True', reason: 'AllRouted', message: 'all ranges are routed into pods' };
}

function overlapsCluster(message: string): Routed {
  return { type: 'Routed', status: 'False', reason: 'OverlapsCluster', message };
}

const USES = {
  services: 'its services',
  pods: 'its pods',
  nodes: 'its nodes',
  cluster: 'its own ranges',
} as const;

function describe(overlaps: readonly Overlap[]): string {
  return nameSome(
    overlaps.map(({ cidr, of }) => {
      const parts = of.map((range) => `${USES[range.use]} (${range.cidr})`);
      return `${cidr} overlaps the cluster: ${parts.join(', ')}`;
    }),
  );
}
