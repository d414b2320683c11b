// SPDX-License-Identifier: Apache-2.0
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from '../binaries.ts';
import type { Engine } from '../engine/detect.ts';
import { buildImage, imageId } from '../engine/images.ts';
import { cacheDirectory, repository } from '../paths.ts';
import type { Progress } from '../progress.ts';
import type { Shell } from '../shell.ts';
import { cacheKey, readToolModule, versionOf } from '../versions.ts';
import { writeContext } from './context.ts';
import { writeControlPlaneArchive } from './control-plane.ts';
import { debianImage, ensureDebianImage } from './debian.ts';
import { withWorkbench } from './preload.ts';

const recipe = join(repository, 'tools/kind/node-image');

/**
 * The name of the image that we build. It depends on the recipe, so a change of a version or of a file here makes a new
 * image.
 */
export function builtNodeImage(engine: Engine, binariesKey: string): string {
  const files = ['Dockerfile', 'archive.ts', 'context.ts', 'control-plane.ts', 'preload.ts'];
  const texts = files.map((file) => readFileSync(join(recipe, file)));
  return `localhost/heddle/node:${cacheKey(binariesKey, debianImage, String(engine.restricted), ...texts)}`;
}

export async function ensureBuiltNodeImage(
  progress: Progress,
  engine: Engine,
  binaries: Binaries,
): Promise<string> {
  const tag = builtNodeImage(engine, binaries.key);
  if (await imageId(engine, tag)) return tag;
  await binaries.ensureNode(progress);
  const base = await ensureDebianImage(progress, engine);
  const input: Recipe = {
    binaries: binaries.directory,
    kind: await binaries.moduleDirectory(progress, 'sigs.k8s.io/kind'),
    kubernetes: await binaries.moduleDirectory(progress, 'k8s.io/kubernetes'),
    version: versionOf(readToolModule(), 'k8s.io/kubernetes'),
    work: join(cacheDirectory(), 'node-image-work'),
    base,
    tag,
  };
  await progress.step('Node image', async (shell) => {
    const images = await controlPlaneImages(shell, input);
    const plain = await buildPlainNode(shell, engine, input, images);
    await preload(shell, engine, input, images, plain);
    rmSync(input.work, { recursive: true, force: true });
  });
  return tag;
}

interface Recipe {
  readonly binaries: string;
  /** The folders with the sources of kind and of Kubernetes. */
  readonly kind: string;
  readonly kubernetes: string;
  readonly version: string;
  readonly work: string;
  readonly base: string;
  readonly tag: string;
}

/** The names of images that kubeadm will need. The version is given; without it, kubeadm would ask the internet. */
async function controlPlaneImages(shell: Shell, input: Recipe): Promise<string[]> {
  const kubeadm = join(input.binaries, 'kubeadm');
  const list = await shell.run(kubeadm, ['config', 'images', 'list', '--kubernetes-version', input.version]);
  return list.split('\n').filter((line) => line.includes('/'));
}

async function buildPlainNode(
  shell: Shell,
  engine: Engine,
  input: Recipe,
  images: readonly string[],
): Promise<string> {
  const plain = input.tag.replace('/node:', '/node-plain:');
  if (await imageId(engine, plain)) return plain;
  const context = join(input.work, 'context');
  writeContext(context, input.kind, input.binaries);
  await buildImage(shell, engine, {
    dockerfile: join(recipe, 'Dockerfile'),
    context,
    tag: plain,
    args: {
      BASE: input.base,
      RESTRICTED: engine.restricted ? 'yes' : 'no',
      PAUSE_IMAGE: images.find((name) => name.includes('/pause:')) ?? '',
      KUBERNETES_VERSION: input.version,
    },
  });
  return plain;
}

async function preload(
  shell: Shell,
  engine: Engine,
  input: Recipe,
  images: readonly string[],
  plain: string,
): Promise<void> {
  await withWorkbench(shell, engine, plain, async (bench) => {
    const archive = await writeControlPlaneArchive(shell, {
      binaries: input.binaries,
      kubernetesModule: input.kubernetes,
      work: join(input.work, 'images'),
      images,
      packNft: bench.packNft,
    });
    await bench.importArchive(archive);
    await bench.commit(input.tag);
  });
}
