// SPDX-License-Identifier: Apache-2.0
import { type Family, highest } from './address.ts';
import { type AddressRange, contains, type Range } from './range.ts';

/**
 * A set of sorted ranges that do not overlap or touch. Address ranges in a set are of one family, or of both as
 * mapped numbers (`mapped.ts`).
 */
export type RangeSet<R extends Range = Range> = readonly R[];

/** The union of ranges in any order; address ranges must be of one family. */
export function mergeRanges<R extends Range>(ranges: readonly R[]): RangeSet<R> {
  const merged: R[] = [];
  let previous: R | undefined;
  for (const range of [...ranges].sort(compareFirst)) {
    if (previous === undefined || range.first > previous.last + 1n) {
      merged.push(range);
      previous = range;
    } else if (range.last > previous.last) {
      previous = { ...previous, last: range.last };
      merged[merged.length - 1] = previous;
    }
  }
  return merged;
}

/** The parts of ranges, in any order, that are within the bounds. */
export function clipRanges<R extends Range>(ranges: readonly R[], bounds: Range): readonly R[] {
  return ranges
    .filter(({ first, last }) => first <= bounds.last && last >= bounds.first)
    .map((range) => ({
      ...range,
      first: range.first < bounds.first ? bounds.first : range.first,
      last: range.last > bounds.last ? bounds.last : range.last,
    }));
}

/** One range without others, which may be in any order. */
export function subtractRanges<R extends Range>(from: R, others: readonly Range[]): RangeSet<R> {
  const left: R[] = [];
  let next = from.first;
  for (const hole of mergeRanges(others)) {
    if (hole.last < next) continue;
    if (hole.first > from.last) break;
    if (hole.first > next) left.push({ ...from, first: next, last: hole.first - 1n });
    next = hole.last + 1n;
  }
  if (next <= from.last) left.push({ ...from, first: next, last: from.last });
  return left;
}

/** All addresses of the family that are in none of the ranges. */
export function complementRanges(family: Family, ranges: readonly Range[]): RangeSet<AddressRange> {
  return subtractRanges({ family, first: 0n, last: highest(family) }, ranges);
}

/** Whether every number of `inner` is in `outer`. */
export function coversRanges(outer: RangeSet, inner: RangeSet): boolean {
  let at = 0;
  return inner.every(({ first, last }) => {
    while (at < outer.length && outer[at]!.last < first) at++;
    const candidate = outer[at];
    return candidate !== undefined && candidate.first <= first && last <= candidate.last;
  });
}

/** Whether two sets have a number in common. */
export function rangesMeet(a: RangeSet, b: RangeSet): boolean {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i]!.last < b[j]!.first) i++;
    else if (b[j]!.last < a[i]!.first) j++;
    else return true;
  }
  return false;
}

/** Finds the range of a set that contains a number, by binary search. */
export function findRange<R extends Range>(set: RangeSet<R>, value: bigint): R | undefined {
  let low = 0;
  let high = set.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = set[middle]!;
    if (contains(range, value)) return range;
    if (value < range.first) high = middle - 1;
    else low = middle + 1;
  }
  return undefined;
}

function compareFirst(a: Range, b: Range): number {
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0;
}
