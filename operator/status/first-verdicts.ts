// SPDX-License-Identifier: Apache-2.0
/** A check computes a verdict from facts, or returns undefined. */
export type Check<Facts, Verdict> = (facts: Facts) => Verdict | undefined;

/** Returns one verdict for each list of checks: that of the first check with a verdict. */
export function firstVerdicts<Facts, Verdict>(
  lists: readonly (readonly Check<Facts, Verdict>[])[],
  facts: Facts,
): Verdict[] {
  return lists.flatMap((checks) => {
    for (const check of checks) {
      const verdict = check(facts);
      if (verdict) return [verdict];
    }
    return [];
  });
}
