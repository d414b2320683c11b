// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../kind/paths.ts';
import type { Output } from './output.ts';
import type { ProjectName } from './projects.ts';
import { CANCEL_SIGNAL, RECORD_VARIABLE, type RunRecord } from './record.ts';
import { failedOutright, type SuiteResult, summarizeRun } from './report.ts';

export interface VitestRun {
  readonly project: ProjectName;
  /** Paths relative to the root; at least one. */
  readonly files: readonly string[];
  /** How many files run at a time; by default the number of cores. */
  readonly workers?: number | undefined;
  /** Only tests whose names match this pattern. */
  readonly testName?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** The folder of vitest.config.ts and the tests; by default the repository. Tests of the runner have another one. */
  readonly root?: string;
  /** Where the output goes; by default straight to the terminal. */
  readonly output?: Output | undefined;
  /** Aborting it ends the run after the running tests and their hooks. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs files of one project of vitest.config.ts in a separate process. */
export async function runVitest(run: VitestRun): Promise<SuiteResult> {
  const { project, files, testName, signal } = run;
  if (files.length === 0) return failedOutright(`${project}: no test file`);
  if (signal?.aborted) return failedOutright(`${project}: interrupted`);
  const folder = mkdtempSync(join(tmpdir(), 'heddle-test-'));
  const path = join(folder, 'record.json');
  try {
    const exitCode = await startVitest(run, path);
    if (signal?.aborted) return failedOutright(`${project}: interrupted`);
    if (!existsSync(path))
      return failedOutright(`${project}: vitest ended with ${exitCode} and without a record`);
    const record = JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
    return summarizeRun(record, { exitCode, files, testName });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startVitest(run: VitestRun, record: string): Promise<number | undefined> {
  const { files, workers, env, root = repository, output, signal } = run;
  const stdout = output ? 'pipe' : 'inherit';
  const child = execa(process.execPath, [...vitestArguments(run), ...files], {
    cwd: root,
    reject: false,
    buffer: false,
    stdio: ['ignore', stdout, stdout],
    // This process handles Ctrl-C: vitest itself would end at once, and leave what its tests have made.
    detached: true,
    env: { ...env, ...(workers ? { HEDDLE_TEST_WORKERS: String(workers) } : {}), [RECORD_VARIABLE]: record },
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => output?.write(text));
  const cancel = (): void => void child.kill(CANCEL_SIGNAL);
  const kill = (): void => killGroup(child.pid);
  signal?.addEventListener('abort', cancel);
  process.once('exit', kill);
  const { exitCode } = await child;
  signal?.removeEventListener('abort', cancel);
  process.off('exit', kill);
  output?.end();
  return exitCode;
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has ended.
  }
}

function vitestArguments({ project, testName, output }: VitestRun): readonly string[] {
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, 'reporter.ts')}`];
  const pattern = testName ? ['--testNamePattern', testName] : [];
  // In parallel with another suite, one line for each file is enough, with the output of failed tests.
  const quiet = output ? ['--silent=passed-only', '--slowTestThreshold=600000'] : [];
  return [vitest, 'run', '--project', project, ...reporters, ...quiet, ...pattern];
}
