// SPDX-License-Identifier: Apache-2.0
import { execa } from 'execa';

/**
 * The parts of names of package registries. Each machine decides where packages come from (mirrors, caches, proxies),
 * so no file may name a registry. The names are put together from parts, because this file is checked too.
 */
const registries: readonly (readonly string[])[] = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['proxy', 'golang', 'org'],
  ['sum', 'golang', 'org'],
  ['deb', 'debian', 'org'],
  ['archive', 'ubuntu', 'com'],
  ['pypi', 'org'],
  ['static', 'crates', 'io'],
  ['repo', 'maven', 'apache', 'org'],
];

/** Returns the files that git tracks, or would add, and that name a registry. */
export async function checkHosts(root: string): Promise<readonly string[]> {
  const patterns = registries.flatMap((parts) => ['-e', parts.join('.')]);
  const result = await execa('git', ['grep', '--untracked', '-nIF', ...patterns, '--', '.'], {
    cwd: root,
    reject: false,
  });
  if (result.exitCode === 1) return [];
  if (result.exitCode !== 0) throw new Error(`git grep: ${result.stderr}`);
  return result.stdout.split('\n').map((line) => `names a package registry: ${line}`);
}
