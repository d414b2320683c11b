// SPDX-License-Identifier: Apache-2.0
/** The run's seed, which vitest.config.ts chooses and prints; HEDDLE_SEED repeats the run with that seed. */
export const seed = Number(process.env.HEDDLE_SEED);
if (!Number.isSafeInteger(seed)) throw new Error('HEDDLE_SEED must be a whole number');

/**
 * Random numbers of 32 bits from the run's seed and `stream`, which separates the users of one run (xorshift32,
 * Marsaglia 2003).
 */
export function random(stream: number): () => number {
  let state = (Math.imul(seed, 2_654_435_761) ^ Math.imul(stream, 2_246_822_519)) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state;
  };
}
