// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/**
 * Pure: options of tar that give the same bytes for the same files: sorted, all with one time (seconds since 1970), and all
 * owned by root.
 */
export function reproducibleTar(time: number): readonly string[] {
  return ['--sort=name', '--format=gnu', `--mtime=@${time}`, '--numeric-owner', '--owner=0', '--group=0'];
}

/** The SHA-256 of a file in hex, read piece by piece. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
