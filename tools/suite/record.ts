// SPDX-License-Identifier: Apache-2.0
/** The record of a run of vitest, which our reporter writes for the process that started it. */
export interface RunRecord {
  readonly files: readonly FileRecord[];
  /** Errors outside every test and hook, such as from a timer or from a promise without await. */
  readonly errors: readonly string[];
}

export interface FileRecord {
  /** Relative to the root of the run. */
  readonly file: string;
  readonly seconds: number;
  /** Errors while the file was loaded, and errors of hooks of whole suites. */
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

/** The signal that makes our reporter end a run of vitest after the tests that are running. */
export const CANCEL_SIGNAL = 'SIGUSR2';

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test or a whole suite is skipped; a skip without a reason fails the run. */
    skipReason?: string;
  }
}
