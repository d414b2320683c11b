// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { FileRecord, RunRecord, TestRecord } from '../../../../tools/suite/record.ts';
import {
  addResults,
  closingLine,
  failedOutright,
  slowestLines,
  summarizeRun,
} from '../../../../tools/suite/report.ts';

function file(tests: readonly TestRecord[], overrides: Partial<FileRecord> = {}): FileRecord {
  return { file: 'a.test.ts', seconds: 1, errors: [], tests, ...overrides };
}

const good = { exitCode: 0, files: ['a.test.ts'] };
const one: TestRecord = { name: 'one', state: 'passed' };

function run(files: readonly FileRecord[], errors: readonly string[] = []): RunRecord {
  return { files, errors };
}

describe('the sum of a test run', () => {
  it('counts tests by what they came to', () => {
    const result = summarizeRun(
      run([
        file([
          one,
          { name: 'two', state: 'failed' },
          { name: 'three', state: 'skipped', reason: 'no SCTP here' },
        ]),
      ]),
      { ...good, exitCode: 1 },
    );
    expect(closingLine(result)).toBe('1 passed, 1 failed, 1 skipped');
    expect(result.failures).toEqual(['two']);
    expect(result.skipped).toEqual([{ name: 'three', reason: 'no SCTP here' }]);
  });

  it('counts a file that could not be loaded, and what failed outside tests, with what it said', () => {
    const result = summarizeRun(
      run([file([one], { errors: ['Error: kill ESRCH'] })], ['Error: from a timer']),
      { ...good, exitCode: 1 },
    );
    expect(closingLine(result)).toBe('1 passed, 2 failed, 0 skipped');
    expect(result.failures).toEqual([
      'a.test.ts: Error: kill ESRCH',
      'outside any test: Error: from a timer',
    ]);
  });

  it.each([1, 130, undefined])(
    'counts exit code %s as a failure when nothing else explains it',
    (exitCode) => {
      expect(summarizeRun(run([file([one])]), { ...good, exitCode }).failed).toBe(1);
    },
  );

  it('counts a file that did not run as a failure', () => {
    const result = summarizeRun(run([file([one])]), { exitCode: 0, files: ['a.test.ts', 'b.test.ts'] });
    expect(result.failures).toEqual(['did not run: b.test.ts']);
  });

  it('counts a run without any test as a failure', () => {
    expect(summarizeRun(run([file([])]), good).failures).toEqual(['no test ran']);
  });

  it('counts a skip without a reason as a failure, unless only some tests were asked for', () => {
    const record = run([file([one, { name: 'two', state: 'skipped' }])]);
    expect(closingLine(summarizeRun(record, good))).toBe('1 passed, 1 failed, 0 skipped');
    expect(closingLine(summarizeRun(record, { ...good, testName: 'one' }))).toBe(
      '1 passed, 0 failed, 0 skipped',
    );
  });

  it('counts as a failure that no test has the name that was asked for', () => {
    const record = run([file([{ name: 'two', state: 'skipped' }])]);
    expect(summarizeRun(record, { ...good, testName: 'one' }).failures).toEqual(['no test ran']);
  });

  it('adds suites up, those that never started too', () => {
    const passed = summarizeRun(run([file([one])]), good);
    expect(closingLine(addResults([passed, failedOutright('cluster: could not start'), passed]))).toBe(
      '2 passed, 1 failed, 0 skipped',
    );
  });
});

it('the slowest files come first, twenty at most', () => {
  const times = Array.from({ length: 30 }, (_, index) => ({ file: `${index}.test.ts`, seconds: index }));
  const lines = slowestLines(times);
  expect(lines).toHaveLength(20);
  expect(lines[0]).toBe('   29.0 s  29.test.ts');
});
