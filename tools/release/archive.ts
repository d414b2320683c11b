// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
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
  const same = [
    '--sort=name',
    `--mtime=@${time}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--format=gnu',
  ];
  await shell.run('tar', [...same, '-I', 'gzip -9n', '-cf', archive, '-C', folder, ...files]);
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
