// SPDX-License-Identifier: Apache-2.0
import type { InstanceReport } from '../../api/report.ts';

const FAST_MS = 500;
const SLOW_MS = 5000;

/**
 * Whether all instances have answered and have applied the wanted spec and inputs. A report with an error counts as
 * an answer.
 */
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
 * How long until the next round of reports: short while an edit is being applied, and longer the longer an edit is
 * not applied. So an instance that never comes back costs no more than a working one.
 */
export function nextRoundMs(options: {
  readonly isSettled: boolean;
  readonly unsettledRounds: number;
}): number {
  if (options.isSettled) return SLOW_MS;
  // At full pace for 20 s, then slower.
  const excess = Math.max(0, options.unsettledRounds - 40);
  return Math.min(SLOW_MS, FAST_MS * 1.2 ** excess);
}

/** How often a status is written when only counters changed: a long list is a large write. */
export function counterPeriodMs(rules: number): number {
  return rules > 1000 ? 30_000 : SLOW_MS;
}
