// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { findCommand } from '../kind/find.ts';
import { checkChart } from './chart.ts';
import { checkDependencies } from './dependencies.ts';
import { checkDocs } from './docs.ts';
import { checkHosts } from './hosts.ts';
import { checkImports } from './imports.ts';
import { checkLicences } from './licences.ts';
import { checkMirror } from './mirror.ts';
import { checkPromises } from './promises.ts';

export type CheckOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly output: string }
  | { readonly kind: 'skipped'; readonly reason: string };

export interface Check {
  readonly name: string;
  run(): Promise<CheckOutcome>;
}

export interface CheckOptions {
  readonly root: string;
  /** The path of helm; without it the chart cannot be checked. */
  readonly helm: string | undefined;
}

export function checks({ root, helm }: CheckOptions): readonly Check[] {
  const program = (name: string, script: string, args: readonly string[]): Check => ({
    name,
    run: () => runProgram(root, [join(root, script), ...args]),
  });
  return [
    program('types', 'node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']),
    program('lint and format', 'node_modules/@biomejs/biome/bin/biome', [
      'ci',
      '--colors=off',
      '--max-diagnostics=50',
      '.',
    ]),
    program('generated files are up to date', 'tools/generate/cli.ts', ['--check']),
    { name: 'imports follow the architecture', run: async () => fromProblems(checkImports(root)) },
    { name: 'packages are where they are used', run: async () => fromProblems(checkDependencies(root)) },
    { name: 'unit tests mirror the sources', run: async () => fromProblems(checkMirror(root)) },
    { name: 'pages lead somewhere', run: async () => fromProblems(checkDocs(root)) },
    { name: 'promises have tests', run: async () => fromProblems(checkPromises(root)) },
    { name: 'source files name their licence', run: async () => fromProblems(await checkLicences(root)) },
    { name: 'no package registry is named', run: async () => fromProblems(await checkHosts(root)) },
    {
      name: 'chart',
      run: async () => {
        if (!helm) return { kind: 'skipped', reason: 'helm is not here; "npm run cluster:up" builds it' };
        return fromProblems(await checkChart(root, helm));
      },
    },
  ];
}

/** The helm in the PATH, or one that tools/kind has built earlier. */
export async function findHelm(): Promise<string | undefined> {
  const { binaries } = await import('../kind/binaries.ts');
  const built = join(binaries().directory, 'helm');
  return existsSync(built) ? built : findCommand('helm');
}

async function runProgram(root: string, args: readonly string[]): Promise<CheckOutcome> {
  const result = await execa(process.execPath, args, { cwd: root, reject: false, all: true });
  return result.exitCode === 0 ? { kind: 'passed' } : { kind: 'failed', output: result.all };
}

function fromProblems(problems: readonly string[]): CheckOutcome {
  return problems.length === 0 ? { kind: 'passed' } : { kind: 'failed', output: problems.join('\n') };
}
