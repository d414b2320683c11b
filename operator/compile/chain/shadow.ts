import { addressRange, cidrRange } from './numbers.ts';
import { coversRanges, mergeRanges, type Range, type RangeSet, subtractRanges } from './ranges.ts';
import type { CidrBlock, End, PortMatch } from './types.ts';

/** All flows that a chain takes, in a form that can be compared. */
export interface Extent {
  readonly from: RangeSet | 'any';
  readonly to: RangeSet | 'any';
  /** By protocol; ICMP, which has no ports, is the one port 0. */
  readonly ports: ReadonlyMap<string, RangeSet> | 'any';
}

/** What decides which of two chains takes a flow that both match. */
export interface Precedence {
  readonly priority: number;
  readonly createdAt: string;
  readonly key: string;
}

/** Negative when `a` goes first: the higher priority, then the older, then the name. */
export function comparePrecedence(a: Precedence, b: Precedence): number {
  return b.priority - a.priority || compareText(a.createdAt, b.createdAt) || compareText(a.key, b.key);
}

/** The flows of a chain from its resolved ends and ports. */
export function renderExtent(chain: {
  readonly from: End;
  readonly to: End;
  readonly ports: readonly PortMatch[] | undefined;
}): Extent {
  return { from: endRanges(chain.from), to: endRanges(chain.to), ports: portRanges(chain.ports) };
}

/**
 * Whether every flow of `inner` is one of `outer` too. A chain that takes no flow at all (a selector that
 * fits no pod yet) is covered by nothing: it has nothing to lose.
 */
export function coversExtent(outer: Extent, inner: Extent): boolean {
  if (inner.from.length === 0 || inner.to.length === 0) return false;
  return (
    coversPorts(outer.ports, inner.ports) &&
    coversEnd(outer.from, inner.from) &&
    coversEnd(outer.to, inner.to)
  );
}

function coversEnd(outer: RangeSet | 'any', inner: RangeSet | 'any'): boolean {
  if (outer === 'any') return true;
  return inner !== 'any' && coversRanges(outer, inner);
}

function coversPorts(outer: Extent['ports'], inner: Extent['ports']): boolean {
  if (outer === 'any') return true;
  if (inner === 'any') return false;
  return [...inner].every(([protocol, ranges]) => coversRanges(outer.get(protocol) ?? [], ranges));
}

function endRanges(end: End): RangeSet | 'any' {
  if (end.any) return 'any';
  return mergeRanges([...end.addresses.map(addressRange), ...end.cidrs.flatMap(blockRanges)]);
}

function blockRanges(block: CidrBlock): RangeSet {
  return subtractRanges(cidrRange(block.cidr), (block.except ?? []).map(cidrRange));
}

function portRanges(ports: readonly PortMatch[] | undefined): Extent['ports'] {
  if (!ports) return 'any';
  const byProtocol = new Map<string, Range[]>();
  for (const match of ports) {
    byProtocol.set(match.protocol, [...(byProtocol.get(match.protocol) ?? []), portRange(match)]);
  }
  return new Map([...byProtocol].map(([protocol, ranges]) => [protocol, mergeRanges(ranges)]));
}

function portRange(match: PortMatch): Range {
  if (match.protocol === 'ICMP') return { first: 0n, last: 0n };
  if (match.port === undefined) return { first: 0n, last: 65535n };
  return { first: BigInt(match.port), last: BigInt(match.endPort ?? match.port) };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
