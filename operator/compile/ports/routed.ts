// SPDX-License-Identifier: Apache-2.0
import type { NetworkRoute } from '../../../api/index.ts';
import type { Pool } from '../addresses/pool.ts';

/** The subnets of a network, as a pod that joins it may use them. */
export interface RoutedPools {
  readonly pools: readonly Pool[];
  /**
   * Subnets that are not routed into the pod, because they overlap the cluster's own ranges. An address of them would be
   * the cluster's in the pod, so the pod gets none.
   */
  readonly unrouted: readonly Pool[];
}

/** Tells subnets that are routed from those that are not. Before the routes are judged all of them count as routed. */
export function routedPools(
  pools: readonly Pool[],
  routes: readonly Pick<NetworkRoute, 'cidr'>[] | undefined,
): RoutedPools {
  if (routes === undefined) return { pools, unrouted: [] };
  const routed = new Set(routes.map(({ cidr }) => cidr));
  return {
    pools: pools.filter(({ cidr }) => routed.has(cidr)),
    unrouted: pools.filter(({ cidr }) => !routed.has(cidr)),
  };
}
