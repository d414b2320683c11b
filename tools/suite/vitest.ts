import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../kind/paths.ts';
import { failedToStart, type SuiteResult, summarizeReport, type VitestReport } from './report.ts';

export interface VitestRun {
  readonly project: 'unit' | 'kernel' | 'cluster' | 'chart';
  /** Parts of file names; none is all files. */
  readonly filters: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs one project of vitest.config.ts in a process of its own, its output as it comes. */
export async function runVitest({ project, filters, env }: VitestRun): Promise<SuiteResult> {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-test-'));
  const outputFile = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${outputFile}`];
    const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
    await execa(
      process.execPath,
      [vitest, 'run', '--project', project, '--passWithNoTests', ...reporters, ...filters],
      {
        cwd: repository,
        reject: false,
        stdio: ['ignore', 'inherit', 'inherit'],
        ...(env ? { env } : {}),
      },
    );
    if (!existsSync(outputFile)) return failedToStart(project);
    return summarizeReport(JSON.parse(readFileSync(outputFile, 'utf8')) as VitestReport);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
