// SPDX-License-Identifier: Apache-2.0
import { reproducibleTar } from '../build/archive.ts';
import type { Shell } from '../kind/shell.ts';

/**
 * The time of the commit, in seconds since 1970. All files of an archive get it, so the same commit gives the same
 * archive.
 */
export async function commitTime(shell: Shell, root: string): Promise<number> {
  return Number(await shell.run('git', ['log', '-1', '--format=%ct'], { cwd: root }));
}

/** Packs files of a folder; the same content gives the same bytes. */
export async function packFiles(
  shell: Shell,
  options: {
    readonly archive: string;
    readonly folder: string;
    readonly files: readonly string[];
    readonly time: number;
  },
): Promise<void> {
  const { archive, folder, files, time } = options;
  await shell.run('tar', [
    ...reproducibleTar(time),
    '-I',
    'gzip -9n',
    '-cf',
    archive,
    '-C',
    folder,
    ...files,
  ]);
}
