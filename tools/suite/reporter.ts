// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';
import {
  CANCEL_SIGNAL,
  type FileRecord,
  RECORD_VARIABLE,
  type RunRecord,
  type TestRecord,
} from './record.ts';

type Problem = { readonly name?: string; readonly message?: string };

/**
 * Writes the record of a run to the file that the environment names. vitest's JSON report lacks notes and errors
 * outside tests.
 */
export default class RecordReporter implements Reporter {
  onInit(vitest: Vitest): void {
    process.once(CANCEL_SIGNAL, () => void vitest.cancelCurrentRun('keyboard-input'));
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly Problem[]): void {
    const path = process.env[RECORD_VARIABLE];
    if (!path) throw new Error(`${RECORD_VARIABLE} is not set`);
    const record: RunRecord = { files: modules.map(recordFile), errors: errors.map(describe) };
    writeFileSync(path, JSON.stringify(record));
  }
}

function recordFile(module: TestModule): FileRecord {
  const suites = [...module.children.allSuites()];
  const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } =
    module.diagnostic();
  const ms = environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration;
  return {
    file: module.relativeModuleId,
    seconds: Math.round(ms) / 1000,
    errors: [module, ...suites].flatMap((suite) => suite.errors().map(describe)),
    tests: [...module.children.allTests()].map(recordTest),
  };
}

function recordTest(test: TestCase): TestRecord {
  const result = test.result();
  // A test that did not come to its end has not passed.
  const state = result.state === 'pending' ? 'failed' : result.state;
  const reason = state === 'skipped' ? reasonOf(test) : undefined;
  return { name: test.fullName, state, ...(reason ? { reason } : {}) };
}

function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  if (note || test.meta().skipReason) return note ?? test.meta().skipReason;
  for (let above = test.parent; ; above = above.parent) {
    if (above.errors().length > 0) return 'a hook of its suite failed';
    if (above.type === 'module') return undefined;
  }
}

/** The first line of an error identifies it; the output has all of it. */
function describe({ name, message }: Problem): string {
  const [line = ''] = (message ?? '').split('\n').filter((each) => each.trim() !== '');
  return `${name ?? 'Error'}: ${line.trim()}`;
}
