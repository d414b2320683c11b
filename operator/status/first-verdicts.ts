// SPDX-License-Identifier: Apache-2.0
/** Concludes one thing of facts, or has nothing to say. */
export type Check<Facts, Verdict> = (facts: Facts) => Verdict | undefined;

/** One verdict a list: of its checks, which are ordered, the first that has something to say speaks for the condition. */
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
