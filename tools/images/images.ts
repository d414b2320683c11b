// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAll, dist } from '../build/build.ts';
import { ensureSystemTools } from '../build/setup.ts';
import { ensureEngine } from '../kind/engine/install.ts';
import { buildImages, type ImageSpec, imageSpecs } from '../kind/images.ts';
import { withLock } from '../kind/lock.ts';
import { cacheDirectory, removeOld, repository } from '../kind/paths.ts';
import type { Progress } from '../kind/progress.ts';
import { createShell } from '../kind/shell.ts';
import { builtName, type Component, components } from './catalogue.ts';
import { formatTime, readCommit, tagOf } from './commit.ts';
import { writeArchive } from './layout.ts';
import type { ImagesOptions } from './options.ts';
import { type Packed, type PackInput, packImages } from './pack.ts';
import { pushImage } from './push.ts';
import { imageSbom } from './sbom/image.ts';
import { renderValues } from './values.ts';

export interface MadeImages {
  readonly tag: string;
  readonly digests: Readonly<Record<Component, string>>;
  /** The file of values that names the images, and the folder of their SBOMs. */
  readonly values: string;
  readonly sboms: string;
}

/** Builds all images of this checkout, and writes or pushes them as the options say. */
export async function makeImages(
  options: ImagesOptions,
  version: string,
  progress: Progress,
): Promise<MadeImages> {
  if (options.push) await ensureSystemTools('push');
  const commit = await readCommit(createShell(), repository);
  const tag = options.tag ?? tagOf(version, commit);
  await progress.step('Build the programs', () => buildAll());
  return withWorkFolder(async (work, layout) => {
    const packed = await buildAndPack({ commit, version, work, layout }, progress);
    const sboms = options.archive ?? join(repository, 'artifacts/images');
    mkdirSync(sboms, { recursive: true });
    for (const one of packed) writeSbom(one, { version, created: formatTime(commit), folder: sboms });
    await deliver(packed, { options, tag, layout, progress });
    const values = join(repository, 'values-images.yaml');
    const digests = digestsOf(packed);
    writeFileSync(values, renderValues({ registry: options.registry, tag, digests }));
    return { tag, digests, values, sboms };
  });
}

/** One run at a time, since all of them give their images the same names in the engine's store. */
async function buildAndPack(
  input: Omit<PackInput, 'engine'>,
  progress: Progress,
): Promise<readonly Packed[]> {
  const engine = await ensureEngine(progress);
  const waiting = (): void => progress.say('Waiting for another run that packs images ...');
  return withLock('pack', waiting, async () => {
    await buildImages({ progress, engine, specs });
    return progress.step('Pack the images', (shell) => packImages(shell, { ...input, engine }));
  });
}

const specs: readonly ImageSpec[] = imageSpecs.map((spec) => {
  const component = components.find(({ bundles }) => bundles.includes(spec.bundle));
  if (!component) throw new Error(`${spec.bundle} is in no image of tools/images/catalogue.ts`);
  return { ...spec, name: builtName(component.component) };
});

interface Delivery {
  readonly options: ImagesOptions;
  readonly tag: string;
  readonly layout: string;
  readonly progress: Progress;
}

async function deliver(
  packed: readonly Packed[],
  { options, tag, layout, progress }: Delivery,
): Promise<void> {
  const { archive, push, plainHttp, registry } = options;
  const nameOf = (component: Component): string => `${registry}/${component}:${tag}`;
  if (archive) {
    await progress.step('Write the archives', async (shell) => {
      for (const image of packed) {
        const to = { path: join(archive, `${image.component}.oci.tar`), name: nameOf(image.component) };
        await writeArchive(shell, { layout, image }, to);
      }
    });
  }
  if (!push) return;
  await progress.step(`Push to ${registry}`, async (shell) => {
    for (const { component } of packed)
      await pushImage(shell, { layout, component, name: nameOf(component), plainHttp });
  });
}

function writeSbom(
  { component, digest, layers }: Packed,
  {
    version,
    created,
    folder,
  }: { readonly version: string; readonly created: string; readonly folder: string },
): void {
  const image = components.find((one) => one.component === component);
  if (!image) throw new Error(`${component} is not in the catalogue`);
  const folders = layers.map((layer) => layer.folder);
  const text = imageSbom({ image, digest, folders, version, created, root: repository, dist });
  writeFileSync(join(folder, `${component}.spdx.json`), text);
}

function digestsOf(packed: readonly Packed[]): Record<Component, string> {
  return Object.fromEntries(packed.map(({ component, digest }) => [component, digest])) as Record<
    Component,
    string
  >;
}

async function withWorkFolder<T>(use: (work: string, layout: string) => Promise<T>): Promise<T> {
  const parent = join(cacheDirectory(), 'images');
  mkdirSync(parent, { recursive: true });
  removeOld(parent, 3_600_000); // What killed runs left.
  const work = mkdtempSync(join(parent, 'work-'));
  try {
    return await use(work, join(work, 'layout'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
