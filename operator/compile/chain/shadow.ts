// SPDX-License-Identifier: Apache-2.0
import type { Range } from '../../../api/net/range.ts';
import { coversRanges, mergeRanges, type RangeSet } from '../../../api/net/range-set.ts';
import { addressRange, blockRangesOf } from './concerned.ts';
import type { End, PortMatch } from './types.ts';

/** All flows that a chain takes, in a form that can be compared. */
export interface Extent {
  readonly from: RangeSet | 'any';
  readonly to: RangeSet | 'any';
  /** Port ranges by protocol. ICMP has no ports; it is stored as port 0. */
  readonly ports: ReadonlyMap<string, RangeSet> | 'any';
}

/** The fields that decide which of two chains takes a flow that both match. */
export interface Precedence {
  readonly priority: number;
  readonly createdAt: string;
  readonly key: string;
}

/** Compares two chains: higher priority first, then the older, then by name. Negative when `a` comes first. */
export function comparePrecedence(a: Precedence, b: Precedence): number {
  return b.priority - a.priority || compareText(a.createdAt, b.createdAt) || compareText(a.key, b.key);
}

/** The ends of a chain as numbers. */
export function renderEnds(ends: { readonly from: End; readonly to: End }): Pick<Extent, 'from' | 'to'> {
  return { from: endRanges(ends.from), to: endRanges(ends.to) };
}

/**
 * Whether every flow of `inner` is a flow of `outer` too. A chain that matches no flow at all (its selector matches
 * no pod yet) is never covered.
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

/** Whether every protocol and port of `inner` is in `outer`. */
export function coversPorts(outer: Extent['ports'], inner: Extent['ports']): boolean {
  if (outer === 'any') return true;
  if (inner === 'any') return false;
  return [...inner].every(([protocol, ranges]) => coversRanges(outer.get(protocol) ?? [], ranges));
}

function endRanges(end: End): RangeSet | 'any' {
  if (end.any) return 'any';
  return mergeRanges([...end.addresses.map(addressRange), ...blockRangesOf(end)]);
}

/** The protocols and ports that a chain takes, by protocol. */
export function portRanges(ports: readonly PortMatch[] | undefined): Extent['ports'] {
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
