import { describe, expect, it } from 'vitest';
import {
  addResults,
  closingLine,
  failedToStart,
  summarizeReport,
  type VitestReport,
} from '../../../../tools/suite/report.ts';

type File = VitestReport['testResults'][number];

function file(overrides: Partial<File>): File {
  return { name: 'a.test.ts', status: 'passed', assertionResults: [], ...overrides };
}

describe('the sum of a test run', () => {
  it('counts tests by what they came to', () => {
    const result = summarizeReport({
      success: false,
      testResults: [
        file({
          status: 'failed',
          assertionResults: [
            { fullName: 'one', status: 'passed' },
            { fullName: 'two', status: 'failed' },
            { fullName: 'three', status: 'skipped' },
            { fullName: 'four', status: 'todo' },
          ],
        }),
      ],
    });
    expect(closingLine(result)).toBe('1 passed, 1 failed, 2 skipped');
    expect(result.failures).toEqual(['two']);
  });

  it('counts a file that could not be loaded as a failure', () => {
    const result = summarizeReport({
      success: false,
      testResults: [file({ status: 'failed', name: 'b.test.ts' })],
    });
    expect(result.failed).toBe(1);
    expect(result.failures).toEqual(['b.test.ts']);
  });

  it('says what a file said that failed outside its tests, in one line', () => {
    const name = 'b.test.ts';
    const message = '\nkill ESRCH\n    at process.kill (node:internal)\n';
    const result = summarizeReport({
      success: false,
      testResults: [
        file({
          status: 'failed',
          name,
          message,
          assertionResults: [{ fullName: 'one', status: 'passed' }],
        }),
        file({ status: 'failed', name, message: ' \n' }),
      ],
    });
    expect(result.failures).toEqual([`${name}: kill ESRCH`, name]);
  });

  it('counts an error outside any test as a failure', () => {
    const result = summarizeReport({
      success: false,
      testResults: [file({ assertionResults: [{ fullName: 'one', status: 'passed' }] })],
    });
    expect(closingLine(result)).toBe('1 passed, 1 failed, 0 skipped');
  });

  it('adds suites up, those that never started too', () => {
    const good = summarizeReport({
      success: true,
      testResults: [file({ assertionResults: [{ fullName: 'one', status: 'passed' }] })],
    });
    expect(closingLine(addResults([good, failedToStart('cluster'), good]))).toBe(
      '2 passed, 1 failed, 0 skipped',
    );
  });
});
