// SPDX-License-Identifier: Apache-2.0
import { tryParseAddress } from '../../../api/net/address.ts';
import { mappedRange } from '../../../api/net/mapped.ts';
import { formatPrefix, hostPrefix, type Prefix, tryParsePrefix } from '../../../api/net/prefix.ts';
import { type Range, rangeOf } from '../../../api/net/range.ts';
import type { Node, Service, ServiceCidr } from '../../observe/stores.ts';

/** A range of addresses that the cluster itself uses, and what for. */
export interface ClusterRange {
  readonly use: 'services' | 'pods' | 'nodes' | 'cluster';
  readonly cidr: string;
}

/** Finds the ranges of the cluster that a prefix overlaps: one for each use. */
export type ClusterRanges = (prefix: Prefix) => readonly ClusterRange[];

const USES = ['services', 'pods', 'nodes', 'cluster'] as const satisfies readonly ClusterRange['use'][];

export interface ClusterFacts {
  readonly nodes: Iterable<Node>;
  readonly serviceCidrs: Iterable<ServiceCidr>;
  /** The Service `default/kubernetes`: an address of the Services' range, in a cluster without ServiceCIDR objects. */
  readonly apiService: Service | undefined;
  /** Ranges that the chart's values name (`clusterRanges`). */
  readonly named: readonly Prefix[];
}

interface Entry extends ClusterRange, Range {
  /** The largest `last` of this entry and all before it. */
  readonly reach: bigint;
}

/** Compiles what is known of the cluster's own ranges. Text that is no range is left out. */
export function compileClusterRanges(facts: ClusterFacts): ClusterRanges {
  const all: readonly Unsorted[] = [
    ...facts.named.map((prefix) => entryOf('cluster', prefix)),
    ...[...facts.serviceCidrs].flatMap(({ spec }) => entriesOf('services', spec?.cidrs)),
    ...hostEntries('services', facts.apiService?.spec?.clusterIPs),
    ...[...facts.nodes].flatMap(({ podCIDRs, status }) => [
      ...entriesOf('pods', podCIDRs),
      ...hostEntries('nodes', [...status.internalIPs, ...(status.externalIPs ?? [])]),
    ]),
  ];
  const byUse = USES.map((use) => sortEntries(all.filter((entry) => entry.use === use)));
  return (prefix) => {
    const range = mappedRange(rangeOf(prefix));
    return byUse.flatMap((entries) => findOverlap(entries, range) ?? []);
  };
}

type Unsorted = Omit<Entry, 'reach'>;

function entriesOf(use: ClusterRange['use'], cidrs: readonly string[] = []): Unsorted[] {
  return cidrs.flatMap((text) => {
    const prefix = tryParsePrefix(text);
    return prefix ? [entryOf(use, prefix)] : [];
  });
}

function hostEntries(use: ClusterRange['use'], addresses: readonly string[] = []): Unsorted[] {
  return addresses.flatMap((text) => {
    const address = tryParseAddress(text);
    return address ? [entryOf(use, hostPrefix(address))] : [];
  });
}

function entryOf(use: ClusterRange['use'], prefix: Prefix): Unsorted {
  return { use, cidr: formatPrefix(prefix), ...mappedRange(rangeOf(prefix)) };
}

function sortEntries(entries: readonly Unsorted[]): readonly Entry[] {
  let reach = -1n;
  return [...entries]
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
    .map((entry) => {
      if (entry.last > reach) reach = entry.last;
      return { ...entry, reach };
    });
}

/** Looks backwards from the last entry that begins within the range, as long as one before it can reach the range. */
function findOverlap(entries: readonly Entry[], range: Range): ClusterRange | undefined {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.first <= range.last) low = middle + 1;
    else high = middle;
  }
  for (let at = low - 1; at >= 0 && entries[at]!.reach >= range.first; at--) {
    const entry = entries[at]!;
    if (entry.last >= range.first) return { use: entry.use, cidr: entry.cidr };
  }
  return undefined;
}
