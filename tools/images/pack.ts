// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../kind/engine/detect.ts';
import { saveImages } from '../kind/engine/images.ts';
import { mediaTypes, renderManifest, type SavedImage } from '../kind/oci.ts';
import type { Shell } from '../kind/shell.ts';
import { builtName, type Component, components } from './catalogue.ts';
import { type Commit, formatTime } from './commit.ts';
import { renderConfig } from './config.ts';
import { type Layer, writeLayer } from './layers.ts';
import { blobsFolder, type PackedImage, writeBlob, writeIndex } from './layout.ts';

export interface PackInput {
  readonly engine: Engine;
  readonly commit: Commit;
  readonly version: string;
  /** An empty folder for intermediate files. */
  readonly work: string;
  /** The result: an OCI layout with one entry for each component. */
  readonly layout: string;
}

export interface Packed extends PackedImage {
  readonly component: Component;
  readonly layers: readonly Layer[];
}

/** Takes our images from the engine's store, and writes them so that equal contents have equal digests. */
export async function packImages(shell: Shell, input: PackInput): Promise<readonly Packed[]> {
  mkdirSync(blobsFolder(input.layout), { recursive: true });
  const names = components.map(({ component }) => builtName(component));
  const saved = await saveImages(shell, input.engine, names, input.work);
  const shared = await sharedLayers(shell, saved, input);
  const packed: Packed[] = [];
  for (const { component, title } of components) {
    const image = saved.find(({ RepoTags }) => RepoTags.includes(builtName(component)));
    if (!image) throw new Error(`the engine saved no ${builtName(component)}`);
    packed.push(await packImage(shell, { ...input, component, title, image, shared }));
  }
  writeIndex(input.layout, Object.fromEntries(packed.map((one) => [one.component, one])));
  return packed;
}

/** Writes the layers that all images share, above all the base, once. */
async function sharedLayers(
  shell: Shell,
  saved: readonly SavedImage[],
  input: PackInput,
): Promise<ReadonlyMap<string, Layer>> {
  const layers = new Map<string, Layer>();
  const [first] = saved;
  const ids = saved.map((image) => layerIds(image, input.work));
  for (const [index, path] of (first?.Layers ?? []).entries()) {
    const id = ids[0]?.[index] ?? '';
    if (!ids.every((others) => others.includes(id))) continue;
    layers.set(id, await write(shell, input, { id, path }));
  }
  return layers;
}

interface ComponentInput extends PackInput {
  readonly component: Component;
  readonly title: string;
  readonly image: SavedImage;
  readonly shared: ReadonlyMap<string, Layer>;
}

async function packImage(shell: Shell, input: ComponentInput): Promise<Packed> {
  const { component, image, shared, layout } = input;
  const ids = layerIds(image, input.work);
  const layers: Layer[] = [];
  for (const [index, path] of image.Layers.entries()) {
    const id = ids[index] ?? '';
    layers.push(shared.get(id) ?? (await write(shell, input, { id, path })));
  }
  const config = renderConfig({
    engineConfig: readFileSync(join(input.work, image.Config), 'utf8'),
    labels: labelsOf(input),
    created: formatTime(input.commit),
    diffIds: layers.map(({ diffId }) => diffId),
  });
  const manifest = {
    config: {
      digest: writeBlob(layout, config),
      size: Buffer.byteLength(config),
      mediaType: mediaTypes.config,
    },
    layers: layers.map(({ digest, size }) => ({ digest, size, mediaType: `${mediaTypes.layer}+gzip` })),
  };
  const text = renderManifest(manifest);
  return { component, layers, manifest, digest: writeBlob(layout, text), size: Buffer.byteLength(text) };
}

function labelsOf({ title, version, commit }: ComponentInput): Record<string, string> {
  const label = 'org.opencontainers.image';
  return {
    [`${label}.title`]: title,
    [`${label}.version`]: version,
    [`${label}.revision`]: commit.revision,
    [`${label}.licenses`]: 'Apache-2.0',
  };
}

function layerIds(image: SavedImage, work: string): readonly string[] {
  const config = JSON.parse(readFileSync(join(work, image.Config), 'utf8')) as {
    readonly rootfs: { readonly diff_ids: readonly string[] };
  };
  return config.rootfs.diff_ids;
}

function write(
  shell: Shell,
  { work, layout }: PackInput,
  layer: { readonly id: string; readonly path: string },
): Promise<Layer> {
  return writeLayer(shell, {
    saved: join(work, layer.path),
    folder: join(work, 'layers', layer.id.slice('sha256:'.length)),
    blobs: blobsFolder(layout),
  });
}
