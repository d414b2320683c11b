// SPDX-License-Identifier: Apache-2.0
import type { NetworkRoute, NetworkRoutes } from '../../../api/index.ts';
import { formatPrefix, tryParsePrefix } from '../../../api/net/prefix.ts';
import type { ClusterRange, ClusterRanges } from './cluster-ranges.ts';

/** Most routes of one network. */
export const MOST_ROUTES = 1024;

/** A range that the network has and that overlaps one of the cluster. */
export interface Overlap {
  readonly cidr: string;
  /** Ranges of the cluster that it overlaps; not empty, one for each use. */
  readonly of: readonly ClusterRange[];
  /** What becomes of the range: absent when it is not routed into pods. */
  readonly routed: NetworkRoute['clusterRanges'];
}

export interface RoutesVerdict {
  readonly routes: readonly NetworkRoute[];
  readonly overlaps: readonly Overlap[];
  /** Ranges beyond the most that a network may have. They are not routed. */
  readonly beyond: number;
}

export interface RoutesInput {
  /** Ranges of the network: its subnets, then ranges behind its Ports and VPNs. */
  readonly cidrs: readonly string[];
  readonly clusterRanges: ClusterRanges;
  readonly wanted: NetworkRoutes | undefined;
  /** The routes in the status. Undefined when no release that judges routes has seen the network. */
  readonly before: readonly NetworkRoute[] | undefined;
  /** Whether the network has Ports. */
  readonly inUse: boolean;
}

/**
 * Judges which ranges of a network are routed into the pods of its own namespace. A range that overlaps the cluster's
 * own ranges is routed only when the network asks for it. What pods had before is not taken from them: neither when
 * the cluster grows into the range, nor by an upgrade from a release that did not judge. It is marked `Kept`.
 */
export function judgeRoutes({ cidrs, clusterRanges, wanted, before, inUse }: RoutesInput): RoutesVerdict {
  const had = new Map((before ?? []).map((route) => [route.cidr, route]));
  const isKept = (cidr: string): boolean =>
    before === undefined ? inUse : had.has(cidr) && had.get(cidr)?.clusterRanges !== 'Allowed';
  const routes: NetworkRoute[] = [];
  const overlaps: Overlap[] = [];
  const all = normalize(cidrs);
  for (const [cidr, prefix] of all.slice(0, MOST_ROUTES)) {
    const of = clusterRanges(prefix);
    if (of.length === 0) {
      routes.push({ cidr });
      continue;
    }
    const routed = wanted?.clusterRanges === 'Allow' ? 'Allowed' : isKept(cidr) ? 'Kept' : undefined;
    overlaps.push({ cidr, of, routed });
    if (routed !== undefined) routes.push({ cidr, clusterRanges: routed });
  }
  return { routes, overlaps, beyond: Math.max(0, all.length - MOST_ROUTES) };
}

function normalize(cidrs: readonly string[]) {
  const prefixes = cidrs.flatMap((text) => {
    const prefix = tryParsePrefix(text);
    return prefix ? [[formatPrefix(prefix), prefix] as const] : [];
  });
  return [...new Map(prefixes)];
}
