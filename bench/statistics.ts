// SPDX-License-Identifier: Apache-2.0
/** Pure: few numbers out of many. */

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Median distance from the median, as a part of it: half of the values are within. */
export function spread(values: readonly number[]): number {
  const centre = median(values);
  return median(values.map((value) => Math.abs(value - centre))) / centre;
}

/**
 * Value by value, each measured in the same round: what slows the machine for a while slows both. A round in which nothing
 * came through the other says nothing.
 */
export function ratios(values: readonly number[], bases: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (bases[round] ?? 0)).filter(Number.isFinite);
}
