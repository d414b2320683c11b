// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from '../build/files.ts';

const UNIT = 'test/unit';

/**
 * Pure: finds tests whose name does not lead to the file that they test. `test/unit/PATH.test.ts` tests `PATH.ts` or
 * the folder `PATH`; no two folders beside each other may differ only by an `s`.
 */
export function findStrayTests(
  tests: readonly string[],
  exists: (path: string) => boolean,
): readonly string[] {
  const stray = tests
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.test.ts'.length))
    .filter((path) => !exists(`${path}.ts`) && !exists(path))
    .map((path) => `${UNIT}/${path}.test.ts: there is neither ${path}.ts nor a folder ${path}`);
  return [...stray, ...twins(foldersOf(tests))];
}

function twins(folders: ReadonlySet<string>): readonly string[] {
  return [...folders]
    .filter((folder) => folders.has(`${folder}s`))
    .map((folder) => `two folders differ by an s: ${folder} and ${folder}s`);
}

function foldersOf(files: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const file of files) {
    const parts = file.split('/');
    for (let depth = 1; depth < parts.length; depth++) folders.add(parts.slice(0, depth).join('/'));
  }
  return folders;
}

/** Reads the tree of tests and checks it. */
export function checkMirror(root: string): readonly string[] {
  const unit = listFiles(join(root, UNIT));
  if (unit.length === 0) throw new Error(`no test was found below ${UNIT}`);
  const everywhere = twins(foldersOf(listFiles(join(root, 'test')).map((file) => `test/${file}`)));
  return [...new Set([...findStrayTests(unit, (path) => existsSync(join(root, path))), ...everywhere])];
}
