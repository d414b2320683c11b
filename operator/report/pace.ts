// SPDX-License-Identifier: Apache-2.0
import type { InstanceReport } from '../../api/report.ts';

const FAST_MS = 500;
const SLOW_MS = 5000;

/** Whether all instances have answered and have what is wanted; an error of theirs is an answer too. */
export function isSettled(
  answers: readonly (InstanceReport | undefined)[],
  wanted: Pick<InstanceReport, 'generation' | 'inputs'>,
): boolean {
  return answers.every((report) => {
    if (!report) return false;
    const isCurrent = report.generation === wanted.generation && report.inputs === wanted.inputs;
    return isCurrent || report.error !== null;
  });
}

/**
 * How long until the next round of questions: soon while an edit is on its way, and less and less often when
 * it does not arrive, so that an instance that is gone for good costs no more than one that is well.
 */
export function nextRoundMs(options: {
  readonly isSettled: boolean;
  readonly unsettledRounds: number;
}): number {
  if (options.isSettled) return SLOW_MS;
  // 20 s at full pace, then slower.
  const excess = Math.max(0, options.unsettledRounds - 40);
  return Math.min(SLOW_MS, FAST_MS * 1.2 ** excess);
}

/** How often counters alone are written into a status: a long list is a large write. */
export function counterPeriodMs(rules: number): number {
  return rules > 1000 ? 30_000 : SLOW_MS;
}
