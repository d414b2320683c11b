// SPDX-License-Identifier: Apache-2.0
/** Pure: statistics of samples. */

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The median distance from the median, as a fraction of it: half of the values are within this distance. */
export function spread(values: readonly number[]): number {
  const centre = median(values);
  return median(values.map((value) => Math.abs(value - centre))) / centre;
}

/**
 * The ratio of two series, value by value, each pair from the same round: what slows the machine for a while slows
 * both. A round in which the base is zero has no ratio.
 */
export function ratios(values: readonly number[], bases: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (bases[round] ?? 0)).filter(Number.isFinite);
}
