// SPDX-License-Identifier: Apache-2.0
import type { NodeCounters } from '../../api/counters.ts';
import type { Sample } from './sample.ts';

export interface NodeDrops {
  readonly node: string;
  readonly reason: string;
  readonly packets: number;
  readonly perSecond: number;
}

export interface HopDrops extends NodeDrops {
  /** `namespace/name`. */
  readonly chain: string;
  /** `2 Firewall/edge`: the hop with its number, counted from 1. */
  readonly hop: string;
}

export interface DropRates {
  readonly nodes: readonly NodeDrops[];
  readonly hops: readonly HopDrops[];
  /** Agents that did not answer, with their errors. */
  readonly silent: readonly { readonly node: string; readonly error: string }[];
}

/** Pure: the rates of counters between two samples. Growing counters come first, the fastest at the top. */
export function computeRates(before: readonly Sample[], after: readonly Sample[]): DropRates {
  const pairs = after.flatMap((sample) => {
    const { counters } = sample;
    if (!counters) return [];
    const first = before.find(({ node, counters: known }) => node === sample.node && known);
    const seconds = first ? (sample.at - first.at) / 1000 : 0;
    return [{ counters, known: first?.counters, seconds }];
  });
  return {
    nodes: pairs.flatMap(nodeDrops).sort(byRate),
    hops: pairs.flatMap(hopDrops).sort(byRate),
    silent: after.flatMap(({ node, error }) => (error === undefined ? [] : [{ node, error }])),
  };
}

interface Pair {
  readonly counters: NodeCounters;
  readonly known: NodeCounters | undefined;
  readonly seconds: number;
}

function nodeDrops({ counters, known, seconds }: Pair): readonly NodeDrops[] {
  return Object.entries(counters.drops).map(([reason, packets]) => ({
    node: counters.node,
    reason,
    packets,
    perSecond: rateOf(packets, known?.drops[reason] ?? 0, known ? seconds : 0),
  }));
}

function hopDrops({ counters, known, seconds }: Pair): readonly HopDrops[] {
  return counters.hops.flatMap((hop) => {
    const before = known?.hops.find(
      ({ namespace, chain, position }) =>
        namespace === hop.namespace && chain === hop.chain && position === hop.position,
    );
    return Object.entries(hop.drops).map(([reason, packets]) => ({
      chain: `${hop.namespace}/${hop.chain}`,
      hop: `${hop.position + 1} ${hop.function}`,
      node: counters.node,
      reason,
      packets,
      perSecond: rateOf(packets, before?.drops[reason] ?? 0, known ? seconds : 0),
    }));
  });
}

/** A counter with a smaller value than before was reset. */
function rateOf(now: number, before: number, seconds: number): number {
  if (seconds <= 0) return 0;
  return (now >= before ? now - before : now) / seconds;
}

function byRate(a: NodeDrops, b: NodeDrops): number {
  return (
    b.perSecond - a.perSecond ||
    b.packets - a.packets ||
    a.node.localeCompare(b.node) ||
    a.reason.localeCompare(b.reason)
  );
}
