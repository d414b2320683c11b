// SPDX-License-Identifier: Apache-2.0
/** A closed interval of numbers, and the id of its owner. */
export interface Interval {
  readonly first: number;
  readonly last: number;
  readonly id: number;
}

/** Finds the intervals that meet a given one without a full scan: a balanced tree in sorted arrays. */
export class IntervalIndex {
  readonly #sorted: readonly Interval[];
  /** The highest end within the subtree whose root is the middle of a part of the array. */
  readonly #highest: Float64Array;

  constructor(intervals: readonly Interval[]) {
    this.#sorted = [...intervals].sort((a, b) => a.first - b.first);
    this.#highest = new Float64Array(this.#sorted.length);
    this.#measure(0, this.#sorted.length);
  }

  /** Calls `visit` with the id of each interval that meets `[first, last]`. */
  forEachMeeting(first: number, last: number, visit: (id: number) => void): void {
    this.#visit({ first, last, visit }, 0, this.#sorted.length);
  }

  #measure(from: number, to: number): number {
    if (from >= to) return Number.NEGATIVE_INFINITY;
    const middle = (from + to) >>> 1;
    const highest = Math.max(
      this.#sorted[middle]!.last,
      this.#measure(from, middle),
      this.#measure(middle + 1, to),
    );
    this.#highest[middle] = highest;
    return highest;
  }

  #visit(query: Query, from: number, to: number): void {
    if (from >= to) return;
    const middle = (from + to) >>> 1;
    if (this.#highest[middle]! < query.first) return;
    this.#visit(query, from, middle);
    const interval = this.#sorted[middle]!;
    if (interval.first > query.last) return;
    if (interval.last >= query.first) query.visit(interval.id);
    this.#visit(query, middle + 1, to);
  }
}

interface Query {
  readonly first: number;
  readonly last: number;
  readonly visit: (id: number) => void;
}
