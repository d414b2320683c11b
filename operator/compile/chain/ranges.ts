/** Whole numbers from first to last, both included. */
export interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/** Ranges sorted, apart from each other and not touching. */
export type RangeSet = readonly Range[];

/** The union of ranges in any order. */
export function mergeRanges(ranges: readonly Range[]): RangeSet {
  const sorted = [...ranges].sort((a, b) => compare(a.first, b.first));
  const merged: { first: bigint; last: bigint }[] = [];
  for (const range of sorted) {
    const before = merged.at(-1);
    if (before && range.first <= before.last + 1n) {
      if (range.last > before.last) before.last = range.last;
    } else {
      merged.push({ ...range });
    }
  }
  return merged;
}

/** One range less others. */
export function subtractRanges(from: Range, others: readonly Range[]): RangeSet {
  const left: Range[] = [];
  let next = from.first;
  for (const hole of mergeRanges(others)) {
    if (hole.last < next || hole.first > from.last) continue;
    if (hole.first > next) left.push({ first: next, last: hole.first - 1n });
    next = hole.last + 1n;
  }
  if (next <= from.last) left.push({ first: next, last: from.last });
  return left;
}

/** Whether every number of `inner` is in `outer`. */
export function coversRanges(outer: RangeSet, inner: RangeSet): boolean {
  let i = 0;
  return inner.every((range) => {
    while (i < outer.length && outer[i]!.last < range.first) i++;
    const candidate = outer[i];
    return candidate !== undefined && candidate.first <= range.first && range.last <= candidate.last;
  });
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
