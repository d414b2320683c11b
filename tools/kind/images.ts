// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { programs } from '../../api/names.ts';
import type { Engine } from './engine/detect.ts';
import { buildImage, imageId } from './engine/images.ts';
import { ensureEngine } from './engine/install.ts';
import { loadIntoNodes } from './image-load.ts';
import { withLock } from './lock.ts';
import { storedNodeImage } from './node-image/choose.ts';
import { debianImage, ensureDebianImage } from './node-image/debian.ts';
import { repository } from './paths.ts';
import { createProgress, type Progress } from './progress.ts';
import type { Shell } from './shell.ts';
import { withBuildLock } from './tools.ts';
import { cacheKey } from './versions.ts';

export interface ImageSpec {
  readonly name: string;
  readonly dockerfile: string;
  /** The file of dist/ that the build needs. */
  readonly bundle: string;
}

/** For pods of tests and of the demo: Node, busybox, ip and nft. */
export const baseImage = 'localhost/heddle/base:dev';

export const imageSpecs: readonly ImageSpec[] = [
  { name: 'localhost/heddle/operator:dev', dockerfile: 'operator/Dockerfile', bundle: 'operator.mjs' },
  { name: 'localhost/heddle/agent:dev', dockerfile: 'agent/Dockerfile', bundle: 'agent.mjs' },
  ...Object.values(programs).map((name) => ({
    name: `localhost/heddle/${name}:dev`,
    dockerfile: `functions/${name}/Dockerfile`,
    bundle: `${name}.mjs`,
  })),
];

const dist = join(repository, 'dist');

/** The images whose bundles `npm run build` has made. */
export function buildableImages(): readonly ImageSpec[] {
  return imageSpecs.filter(({ bundle }) => existsSync(join(dist, bundle)));
}

export interface BuildImagesOptions {
  readonly specs?: readonly ImageSpec[];
  readonly progress?: Progress;
  readonly engine?: Engine;
}

/** Builds our images into the engine's store, and returns their names, the base first. */
export async function buildImages(options: BuildImagesOptions = {}): Promise<readonly string[]> {
  const specs = options.specs ?? imageSpecs;
  const missing = specs.filter(({ bundle }) => !existsSync(join(dist, bundle)));
  if (missing.length > 0) {
    throw new Error(
      `dist/ lacks ${missing.map(({ bundle }) => bundle).join(', ')}: run "npm run build" first.`,
    );
  }
  const progress = options.progress ?? createProgress('images');
  const engine = options.engine ?? (await ensureEngine(progress));
  return withLock(
    'images',
    () => progress.say('Waiting for another run that builds our images ...'),
    async () => {
      const base = await ensureBase(progress, engine);
      await progress.step('Build our images', async (shell) => {
        for (const { name, dockerfile } of specs) {
          const file = join(repository, dockerfile);
          await buildImage(shell, engine, {
            dockerfile: file,
            context: dist,
            tag: name,
            args: { BASE: base },
          });
        }
      });
      return [baseImage, ...specs.map(({ name }) => name)];
    },
  );
}

/** Loads images into the nodes that lack them, and returns the names of those that changed on any node. */
export async function loadImages(
  cluster: { readonly engine: Engine; readonly nodes: readonly string[] },
  names: readonly string[],
  progress: Progress = createProgress('load'),
): Promise<readonly string[]> {
  return progress.step('Load images into the nodes', (shell) =>
    loadIntoNodes(shell, cluster.engine, cluster.nodes, names),
  );
}

/** Makes the shared base image once for each Dockerfile and version of Node; the tag for users points to it. */
async function ensureBase(progress: Progress, engine: Engine): Promise<string> {
  const dockerfile = join(repository, 'functions/shared/base.Dockerfile');
  if (process.platform !== 'linux')
    throw new Error('Our images take the Node binary of this machine: use Linux.');
  const node = join(repository, 'node_modules/node/node_modules', `node-linux-${process.arch}`);
  const binary = join(node, 'bin/node');
  if (!existsSync(binary)) throw new Error('node_modules/node is not there: run "npm ci" first.');
  const nodePackage = readFileSync(join(repository, 'node_modules/node/package.json'));
  const key = cacheKey(readFileSync(dockerfile), nodePackage, String(statSync(binary).size), debianImage);
  const tag = `localhost/heddle/base:${key}`;
  const id = await imageId(engine, tag);
  if (id === undefined) {
    const debian = await debianBase(progress, engine);
    await progress.step('Build the base of our images', (shell) =>
      buildImage(shell, engine, { dockerfile, context: node, tag, args: { BASE: debian } }),
    );
  }
  if (id === undefined || (await imageId(engine, baseImage)) !== id) await retag(progress, engine, tag);
  return tag;
}

function retag(progress: Progress, engine: Engine, tag: string): Promise<string> {
  return progress.step('Tag the base', (shell: Shell) =>
    shell.run(engine.kind, ['tag', tag, baseImage], { env: engine.env }),
  );
}

const publishedDebian = 'docker.io/library/debian:bookworm-slim';

/**
 * The Debian image of the store, or else of the registry, if the node image came from one, or else one made from
 * packages.
 */
export async function debianBase(progress: Progress, engine: Engine): Promise<string> {
  if ((await imageId(engine, publishedDebian)) !== undefined) return publishedDebian;
  if ((await storedNodeImage(engine)) !== undefined) {
    const pull = await progress.step('Pull Debian', (shell) =>
      shell.attempt(engine.kind, ['pull', publishedDebian], { env: engine.env }),
    );
    if (pull.ok) return publishedDebian;
  }
  return withBuildLock(progress, () => ensureDebianImage(progress, engine));
}
