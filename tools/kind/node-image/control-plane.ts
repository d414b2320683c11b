// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Shell } from '../shell.ts';
import { entrypointOf, programOf, renderArchive, type ScratchImage } from './archive.ts';

export interface ControlPlaneInput {
  readonly binaries: string;
  readonly kubernetesModule: string;
  /** A folder that is emptied and filled. */
  readonly work: string;
  /** Names with tags, as `kubeadm config images list` prints them. */
  readonly images: readonly string[];
  /** Writes a tar of nft and what it reads to the path: nft is the only program that kube-proxy starts. */
  readonly packNft: (path: string) => Promise<void>;
}

/** Writes an archive of all images that kubeadm needs. Each image has only its own program in it. */
export async function writeControlPlaneArchive(shell: Shell, input: ControlPlaneInput): Promise<string> {
  rmSync(input.work, { recursive: true, force: true });
  mkdirSync(input.work, { recursive: true });
  const images: ScratchImage[] = [];
  for (const name of input.images) {
    const program = programOf(name);
    const layer = `${program}.tar`;
    const path = join(input.work, layer);
    await writeLayer(shell, input, program, path);
    const user = program === 'pause' ? { user: '65535:65535' } : {};
    images.push({ name, layer, diffId: await sha256(path), entrypoint: entrypointOf(program), ...user });
  }
  const files = renderArchive(images, process.arch === 'arm64' ? 'arm64' : 'amd64');
  for (const file of files) writeFileSync(join(input.work, file.path), file.text);
  const archive = join(input.work, 'images.archive');
  const members = [...files.map((file) => file.path), ...images.map((image) => image.layer)];
  await shell.run('tar', ['-C', input.work, '-cf', archive, ...members]);
  return archive;
}

async function writeLayer(
  shell: Shell,
  input: ControlPlaneInput,
  program: string,
  path: string,
): Promise<void> {
  const owner = ['--owner=0', '--group=0', '--mode=0755'];
  if (program === 'pause') {
    const source = join(input.kubernetesModule, 'build/pause/linux/pause.c');
    const binary = join(input.work, 'pause');
    await shell.run('gcc', ['-Os', '-Wall', '-static', '-s', '-o', binary, source]);
    await shell.run('tar', ['-C', input.work, ...owner, '-cf', path, 'pause']);
    return;
  }
  if (program === 'kube-proxy') await input.packNft(path);
  const mode = program === 'kube-proxy' ? '-rf' : '-cf';
  const into = '--transform=s,^,usr/local/bin/,';
  await shell.run('tar', ['-C', input.binaries, ...owner, into, mode, path, program]);
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
