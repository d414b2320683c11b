// SPDX-License-Identifier: Apache-2.0
import { execa } from 'execa';

/**
 * Where packages come from is each machine's own business (mirrors, caches, proxies), so no file names a
 * package registry. The names are put together here, because this file is one of those looked at.
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

/** Files that git knows, or would take, and that name a registry. */
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
