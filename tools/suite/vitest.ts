import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../kind/paths.ts';
import type { ProjectName } from './projects.ts';
import { RECORD_VARIABLE, type RunRecord } from './record.ts';
import { failedOutright, type SuiteResult, summarizeRun } from './report.ts';

export interface VitestRun {
  readonly project: ProjectName;
  /** Relative to the root; at least one. */
  readonly files: readonly string[];
  /** Only tests whose names match this pattern. */
  readonly testName?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Where vitest.config.ts and the tests are: the repository, unless it is the runner that is tested. */
  readonly root?: string;
  readonly output?: 'inherit' | 'ignore';
}

/** Runs files of one project of vitest.config.ts in a process of its own, its output as it comes. */
export async function runVitest(run: VitestRun): Promise<SuiteResult> {
  const { project, files, testName, root = repository, output = 'inherit' } = run;
  if (files.length === 0) return failedOutright(`${project}: no test file`);
  const folder = mkdtempSync(join(tmpdir(), 'heddle-test-'));
  const path = join(folder, 'record.json');
  try {
    const { exitCode } = await execa(process.execPath, [...vitestArguments(run), ...files], {
      cwd: root,
      reject: false,
      stdio: ['ignore', output, output],
      env: { ...run.env, [RECORD_VARIABLE]: path },
    });
    if (!existsSync(path))
      return failedOutright(`${project}: vitest ended with ${exitCode} and without a record`);
    const record = JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
    return summarizeRun(record, { exitCode, files, testName });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function vitestArguments({ project, testName }: VitestRun): readonly string[] {
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, 'reporter.ts')}`];
  const pattern = testName ? ['--testNamePattern', testName] : [];
  return [vitest, 'run', '--project', project, ...reporters, ...pattern];
}
