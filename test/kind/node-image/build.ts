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

const recipe = join(repository, 'test/kind/node-image');

/** One name for one recipe, so that a change of a version or of a file here makes a new image. */
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
  const work = join(cacheDirectory(), 'node-image-work');
  await progress.step('Node image', async (shell) => {
    const images = await controlPlaneImages(shell, binaries);
    const plain = await buildPlainNode(shell, engine, { binaries, base, work, images, tag });
    await preload(shell, engine, { binaries, work, images, plain, tag });
    rmSync(work, { recursive: true, force: true });
  });
  return tag;
}

/** The names that kubeadm will look for; the version is given, or it would ask the internet. */
async function controlPlaneImages(shell: Shell, binaries: Binaries): Promise<string[]> {
  const version = versionOf(readToolModule(), 'k8s.io/kubernetes');
  const arguments_ = ['config', 'images', 'list', '--kubernetes-version', version];
  const list = await shell.run(join(binaries.directory, 'kubeadm'), arguments_);
  return list.split('\n').filter((line) => line.includes('/'));
}

interface PlainNode {
  readonly binaries: Binaries;
  readonly base: string;
  readonly work: string;
  readonly images: readonly string[];
  readonly tag: string;
}

async function buildPlainNode(shell: Shell, engine: Engine, input: PlainNode): Promise<string> {
  const plain = input.tag.replace('/node:', '/node-plain:');
  if (await imageId(engine, plain)) return plain;
  const context = join(input.work, 'context');
  writeContext(context, await input.binaries.moduleDirectory(shell, 'sigs.k8s.io/kind'), input.binaries.directory);
  await buildImage(shell, engine, {
    dockerfile: join(recipe, 'Dockerfile'),
    context,
    tag: plain,
    args: {
      BASE: input.base,
      RESTRICTED: engine.restricted ? 'yes' : 'no',
      PAUSE_IMAGE: input.images.find((name) => name.includes('/pause:')) ?? '',
      KUBERNETES_VERSION: versionOf(readToolModule(), 'k8s.io/kubernetes'),
    },
  });
  return plain;
}

interface Preload {
  readonly binaries: Binaries;
  readonly work: string;
  readonly images: readonly string[];
  readonly plain: string;
  readonly tag: string;
}

async function preload(shell: Shell, engine: Engine, input: Preload): Promise<void> {
  const kubernetesModule = await input.binaries.moduleDirectory(shell, 'k8s.io/kubernetes');
  await withWorkbench(shell, engine, input.plain, async (bench) => {
    const archive = await writeControlPlaneArchive(shell, {
      binaries: input.binaries.directory,
      kubernetesModule,
      work: join(input.work, 'images'),
      images: input.images,
      packNft: (path) => bench.packProgram('/usr/sbin/nft', path),
    });
    await bench.importArchive(archive);
    await bench.commit(input.tag);
  });
}
