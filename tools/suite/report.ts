/** What a suite came to, whatever ran it. */
export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skip[];
  /** Names of what failed; of a file that failed outside its tests also what it said. */
  readonly failures: readonly string[];
}

export interface Skip {
  readonly name: string;
  readonly reason: string;
}

/** The part of vitest's JSON report that we read. */
export interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled';
      readonly meta?: Readonly<Record<string, unknown>>;
    }[];
  }[];
}

/**
 * Pure: counts a report. A file that could not even be loaded has no tests, and an error outside any test fails
 * none: both count as one failure, so that the sum never says "0 failed" of a run that failed.
 */
export function summarizeReport(report: VitestReport): SuiteResult {
  const failures: string[] = [];
  const skipped: Skip[] = [];
  let passed = 0;
  for (const file of report.testResults) {
    const before = failures.length;
    for (const test of file.assertionResults) {
      switch (test.status) {
        case 'passed':
          passed += 1;
          break;
        case 'failed':
          failures.push(test.fullName);
          break;
        default:
          skipped.push({ name: test.fullName, reason: skipReason(test.meta) });
      }
    }
    if (file.status === 'failed' && failures.length === before) failures.push(nameOf(file));
  }
  if (!report.success && failures.length === 0) failures.push('an error outside any test');
  return { passed, failed: failures.length, skipped, failures };
}

/** A file's name alone would not say whether it could not be loaded, or could not tidy up. */
function nameOf({ name, message }: VitestReport['testResults'][number]): string {
  const said = message?.split('\n').find((line) => line.trim() !== '');
  return said ? `${name}: ${said.trim()}` : name;
}

function skipReason(meta: Readonly<Record<string, unknown>> | undefined): string {
  const reason = meta?.skipReason;
  return typeof reason === 'string' ? reason : 'see the test';
}

/** Pure: one result for many. */
export function addResults(results: readonly SuiteResult[]): SuiteResult {
  return {
    passed: results.reduce((sum, result) => sum + result.passed, 0),
    failed: results.reduce((sum, result) => sum + result.failed, 0),
    skipped: results.flatMap((result) => result.skipped),
    failures: results.flatMap((result) => result.failures),
  };
}

/** Pure: the line that people and CI look for; it is the last one of a run. */
export function closingLine(result: SuiteResult): string {
  return `${result.passed} passed, ${result.failed} failed, ${result.skipped.length} skipped`;
}

/** A suite that could not even start is one failure. */
export function failedToStart(suite: string): SuiteResult {
  return { passed: 0, failed: 1, skipped: [], failures: [`${suite}: could not start`] };
}
