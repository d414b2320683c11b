// SPDX-License-Identifier: Apache-2.0
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { reproducibleTar, sha256Of } from '../build/archive.ts';
import type { Shell } from '../kind/shell.ts';

export interface Layer {
  /** Digest of the tar. */
  readonly diffId: string;
  /** Digest of the compressed tar, which registries store. */
  readonly digest: string;
  readonly size: number;
  /** The folder into which its files are unpacked, for later readers such as the SBOM. */
  readonly folder: string;
}

export interface LayerInput {
  /** The tar that the engine saved. */
  readonly saved: string;
  /** A folder that does not exist yet. */
  readonly folder: string;
  readonly blobs: string;
}

/**
 * Writes a layer again so that its bytes depend only on its files, and compresses it into `blobs`, under its digest.
 */
export async function writeLayer(shell: Shell, input: LayerInput): Promise<Layer> {
  const { saved, folder, blobs } = input;
  mkdirSync(folder, { recursive: true });
  await shell.run('tar', ['-C', folder, '--no-same-owner', '-xpf', saved]);
  const tar = `${folder}.tar`;
  // Files that are copied from a checkout have modes that depend on the umask. Folders that are writable for all stay
  // so.
  const files = [folder, '!', '-type', 'l', '!', '-perm', '-1000'];
  await shell.run('find', [...files, '-exec', 'chmod', 'u+rwX,go+rX,go-w', '{}', '+']);
  await shell.run('tar', [
    '-C',
    folder,
    ...reproducibleTar(0),
    '-cf',
    tar,
    '--',
    ...readdirSync(folder).sort(),
  ]);
  const diffId = await digestOf(tar);
  const compressed = `${tar}.gz`;
  await pipeline(createReadStream(tar), createGzip({ level: 6 }), createWriteStream(compressed));
  rmSync(tar);
  const digest = await digestOf(compressed);
  const { size } = statSync(compressed);
  renameSync(compressed, join(blobs, digest.slice('sha256:'.length)));
  return { diffId, digest, size, folder };
}

async function digestOf(file: string): Promise<string> {
  return `sha256:${await sha256Of(file)}`;
}
