// SPDX-License-Identifier: Apache-2.0
/** What our reporter writes down of a run of vitest, for the process that started it. */
export interface RunRecord {
  readonly files: readonly FileRecord[];
  /** Errors outside every test and hook: a promise that nobody awaited, a timer. */
  readonly errors: readonly string[];
}

export interface FileRecord {
  /** Relative to the root of the run. */
  readonly file: string;
  readonly seconds: number;
  /** Errors of loading the file and of hooks of whole suites. */
  readonly errors: readonly string[];
  readonly tests: readonly TestRecord[];
}

export interface TestRecord {
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped, if the test says so. */
  readonly reason?: string;
}

/** The environment variable that names the file for the record. */
export const RECORD_VARIABLE = 'HEDDLE_TEST_RECORD';

/** Ends a run of vitest after the tests that are running: our reporter listens to it. */
export const CANCEL_SIGNAL = 'SIGUSR2';

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test or a whole suite is skipped; a skip without one fails the run. */
    skipReason?: string;
  }
}
