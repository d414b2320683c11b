// SPDX-License-Identifier: Apache-2.0
import { findCondition } from '../../../api/conditions.ts';
import type { ServiceChain } from '../../../api/index.ts';
import { keyOf } from '../../../api/key.ts';
import { FAMILIES } from '../../../api/net/address.ts';
import { type AddressRange, formatRange } from '../../../api/net/range.ts';
import { clipRanges, mergeRanges, subtractRanges } from '../../../api/net/range-set.ts';
import type { OutsideEntry, PathPlace, SelectedPods } from '../../../api/selected-pods.ts';
import { type ExposedBalancer, type OutsideWay, outsideWays } from '../chain/outside.ts';
import { comparePrecedence } from '../chain/shadow.ts';
import { OWN_CHAIN_PRIORITY, ownChainNameOf } from './own-chain.ts';

export interface WaysOptions {
  readonly balancer: ExposedBalancer;
  /** Other load balancers of the namespace. */
  readonly others: (name: string) => ExposedBalancer | undefined;
  /** The chains that name the load balancer, in any order. */
  readonly chains: readonly ServiceChain[];
  /** The network's own ranges: its subnets, and what its pods send from besides. */
  readonly own: readonly AddressRange[];
}

/**
 * Where the packets that a load balancer itself brings to the network enter: health checks, and clients outside. The
 * precedence of its chains decides, never an id. Pure.
 */
export function compileWays(options: WaysOptions): Pick<SelectedPods, 'checks' | 'outside'> {
  const chains = inOrder(options);
  const checks = checksOf(options.balancer.name, chains);
  return {
    ...(checks && { checks }),
    ...(options.balancer.isExposed && { outside: chains.flatMap((chain) => entriesOf(chain, options)) }),
  };
}

/** The chain that lets no client outside in, if it is the one that takes all whom no chain before it takes. Pure. */
export function shutChain(options: WaysOptions): string | undefined {
  for (const chain of inOrder(options)) {
    const rest = entriesOf(chain, options).find(({ from, ports }) => !from && !ports);
    if (rest) return rest.enter ? undefined : chain.metadata.name;
  }
  return undefined;
}

/** The chains of the load balancer that have a path, by precedence. */
function inOrder({ balancer, chains }: WaysOptions): readonly ServiceChain[] {
  return chains
    .filter(({ spec, status }) => spec.network === balancer.network && status?.pathId !== undefined)
    .sort((a, b) => comparePrecedence(precedenceOf(a), precedenceOf(b)));
}

/**
 * Health checks take the chain that the operator made for the load balancer, which has no other function: they say
 * whether a backend works, not whether the functions of a chain let somebody through. Only while that chain is
 * on no node, do they take another one.
 */
function checksOf(name: string, chains: readonly ServiceChain[]): PathPlace | undefined {
  const placed = chains.filter(
    ({ status }) => findCondition(status?.conditions, 'Accepted')?.status !== 'False',
  );
  const chain = placed.find((each) => isOwnChain(each, name)) ?? placed[0];
  return chain && { pathId: chain.status!.pathId!, position: positionIn(chain, name) };
}

function entriesOf(chain: ServiceChain, options: WaysOptions): readonly OutsideEntry[] {
  const { balancer, others, own } = options;
  const ways = outsideWays(chain, (name) => (name === balancer.name ? balancer : others(name)));
  const way = ways.find((each) => each.balancer === balancer.name);
  if (!way) return [];
  const { addresses, from, kind } = way;
  const { ports } = chain.spec;
  const common = { addresses, ...(ports && { ports }) };
  const enter = placeOf(chain, way);
  const entry = (sources: readonly AddressRange[] | undefined, where: typeof enter): OutsideEntry[] =>
    sources?.length === 0
      ? []
      : [{ ...common, ...(sources && { from: sources.map(formatRange) }), ...(where && { enter: where }) }];
  const strangers = from && outsideOf(from, own);
  if (kind === 'Direct') return entry(strangers, enter);
  // The functions before the load balancer see the clients' own addresses. A client whose address is one of the network
  // would pass for a pod there.
  return [...entry(insideOf(from, own), undefined), ...entry(strangers, enter)];
}

/** Where the packets of clients outside enter; undefined while they cannot. */
function placeOf({ status }: ServiceChain, { kind, position }: OutsideWay): OutsideEntry['enter'] {
  switch (kind) {
    case 'Direct':
      return { pathId: status!.pathId!, position, balanced: position };
    case 'Through': {
      const pathId = status?.outsidePathId;
      return pathId === undefined ? undefined : { pathId, position: 0, balanced: position + 1 };
    }
    case 'Refused':
      return undefined;
  }
}

/** The own ranges of the network, or those of them that are among `ranges`. */
function insideOf(
  ranges: readonly AddressRange[] | undefined,
  own: readonly AddressRange[],
): readonly AddressRange[] {
  if (ranges === undefined) return eachFamily(own, own, (some) => some);
  return eachFamily(ranges, own, (some, ours) => ours.flatMap((bounds) => clipRanges(some, bounds)));
}

function outsideOf(ranges: readonly AddressRange[], own: readonly AddressRange[]): readonly AddressRange[] {
  return eachFamily(ranges, own, (some, ours) => some.flatMap((range) => subtractRanges(range, ours)));
}

type Combine = (some: readonly AddressRange[], own: readonly AddressRange[]) => readonly AddressRange[];

function eachFamily(
  ranges: readonly AddressRange[],
  own: readonly AddressRange[],
  combine: Combine,
): readonly AddressRange[] {
  return FAMILIES.flatMap((family) => {
    const of = (all: readonly AddressRange[]) => mergeRanges(all.filter((each) => each.family === family));
    return combine(of(ranges), of(own));
  });
}

function isOwnChain({ metadata, spec }: ServiceChain, balancer: string): boolean {
  return metadata.name === ownChainNameOf(balancer) && spec.priority === OWN_CHAIN_PRIORITY;
}

function positionIn({ spec }: ServiceChain, balancer: string): number {
  return spec.functions.findIndex(({ kind, name }) => kind === 'LoadBalancer' && name === balancer);
}

function precedenceOf(chain: ServiceChain) {
  const { spec, metadata } = chain;
  return { priority: spec.priority, createdAt: metadata.creationTimestamp ?? '', key: keyOf(chain) };
}
