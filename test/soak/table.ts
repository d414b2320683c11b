// SPDX-License-Identifier: Apache-2.0
import type { SuiteResult } from '../../tools/suite/report.ts';
import type { FailoverRow } from './failover.ts';

/** Pure: renders each failure as a line, with its figures and its target. */
export function renderFailover(rows: readonly FailoverRow[]): string {
  const lines = rows.map(
    ({ name, runs, p50, p99, limitMs, busy, disturbed, returnDisturbed }) =>
      `${name}: p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms (target ${limitMs} ms) over ${runs} runs; ` +
      `${busy} of them on a busy machine, ${disturbed} disturbed other flows, ${returnDisturbed} at the return`,
  );
  return ['What flows at 10 ms spacing lose when something fails:', ...lines].join('\n');
}

/** Pure: the results as tests: each failure is a test of its target. */
export function judgeFailover(rows: readonly FailoverRow[]): SuiteResult {
  const failures = rows
    .filter(({ p99, limitMs }) => p99 >= limitMs)
    .map(({ name, p99, limitMs }) => `${name}: p99 ${Math.round(p99)} ms, not below ${limitMs} ms`);
  return { passed: rows.length - failures.length, failed: failures.length, skipped: [], times: [], failures };
}
