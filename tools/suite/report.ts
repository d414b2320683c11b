// SPDX-License-Identifier: Apache-2.0
import type { FileRecord, RunRecord } from './record.ts';

/** The result of a suite, whichever program ran it. */
export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skip[];
  /** How long each file took, where there are files. */
  readonly times: readonly FileTime[];
  /** Names of failures; for failures outside tests, also their messages. */
  readonly failures: readonly string[];
}

export interface Skip {
  readonly name: string;
  readonly reason: string;
}

export interface FileTime {
  readonly file: string;
  readonly seconds: number;
}

export interface Ending {
  readonly exitCode: number | undefined;
  /** The files that were requested, relative to the root. */
  readonly files: readonly string[];
  /** Set when only tests of such names were requested: the others do not count as skipped. */
  readonly testName?: string | undefined;
}

/**
 * Pure: the result of a run of vitest. Every error counts as a failure, in a test or outside of one; so does an exit
 * code without an error that explains it, a file that did not run, and a skip without a reason. Only a run without all
 * of these has "0 failed".
 */
export function summarizeRun(record: RunRecord, ending: Ending): SuiteResult {
  const tests = record.files.flatMap((file) => file.tests);
  const skips = tests.filter(({ state, reason }) => state === 'skipped' && !(ending.testName && !reason));
  const unexplained = skips.filter(({ reason }) => !reason);
  const ran = tests.some(({ state }) => state !== 'skipped');
  const failures = [
    ...record.files.flatMap(failuresOf),
    ...record.errors.map((error) => `outside any test: ${error}`),
    ...unexplained.map(({ name }) => `skipped without a reason (or another test has .only): ${name}`),
    ...ending.files
      .filter((name) => !record.files.some(({ file }) => file === name))
      .map((name) => `did not run: ${name}`),
    ...(ran || skips.length > 0 ? [] : ['no test ran']),
  ];
  if (ending.exitCode !== 0 && failures.length === 0)
    failures.push(`vitest ended with exit code ${ending.exitCode ?? 'none'}`);
  return {
    passed: tests.filter(({ state }) => state === 'passed').length,
    failed: failures.length,
    skipped: skips.flatMap(({ name, reason }) => (reason ? [{ name, reason }] : [])),
    times: record.files.map(({ file, seconds }) => ({ file, seconds })),
    failures,
  };
}

function failuresOf({ file, tests, errors }: FileRecord): readonly string[] {
  return [
    ...tests.filter(({ state }) => state === 'failed').map(({ name }) => name),
    ...errors.map((error) => `${file}: ${error}`),
  ];
}

/** Pure: adds several results up to one. */
export function addResults(results: readonly SuiteResult[]): SuiteResult {
  return {
    passed: results.reduce((sum, result) => sum + result.passed, 0),
    failed: results.reduce((sum, result) => sum + result.failed, 0),
    skipped: results.flatMap((result) => result.skipped),
    times: results.flatMap((result) => result.times),
    failures: results.flatMap((result) => result.failures),
  };
}

/** Pure: the closing line, which people and CI look for; it is the last line of a run. */
export function closingLine(result: SuiteResult): string {
  return `${result.passed} passed, ${result.failed} failed, ${result.skipped.length} skipped`;
}

const SLOWEST = 20;

/** Pure: the files that take the most time, the slowest first. */
export function slowestLines(times: readonly FileTime[]): readonly string[] {
  return [...times]
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, SLOWEST)
    .map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}`);
}

/** The result of a suite that failed before any test could run: one failure. */
export function failedOutright(what: string): SuiteResult {
  return { passed: 0, failed: 1, skipped: [], times: [], failures: [what] };
}
