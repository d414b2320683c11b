// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reproducibleTar } from '../build/archive.ts';
import { type ImageManifest, renderIndex } from '../kind/oci.ts';
import type { Shell } from '../kind/shell.ts';

/** An image whose blobs are in a layout. */
export interface PackedImage {
  readonly digest: string;
  readonly size: number;
  readonly manifest: ImageManifest;
}

export function blobsFolder(layout: string): string {
  return join(layout, 'blobs/sha256');
}

/** Writes a text as a blob; returns its digest. */
export function writeBlob(layout: string, text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(blobsFolder(layout), hex), text);
  return `sha256:${hex}`;
}

/** Writes what names the images of a layout: `oci-layout` and `index.json`. */
export function writeIndex(layout: string, images: Readonly<Record<string, PackedImage>>): void {
  const entries = Object.entries(images).map(([name, { digest, size }]) => ({ name, digest, size }));
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, 'index.json'), renderIndex(entries));
}

/** Writes one image of a layout as an archive, which skopeo, containerd and Docker read. */
export async function writeArchive(
  shell: Shell,
  from: { readonly layout: string; readonly image: PackedImage },
  to: { readonly path: string; readonly name: string },
): Promise<void> {
  const { layout, image } = from;
  const folder = `${to.path}.partial`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(blobsFolder(folder), { recursive: true });
  const blobs = [
    image.digest,
    image.manifest.config.digest,
    ...image.manifest.layers.map(({ digest }) => digest),
  ];
  for (const digest of new Set(blobs)) {
    const hex = digest.slice('sha256:'.length);
    linkSync(join(blobsFolder(layout), hex), join(blobsFolder(folder), hex));
  }
  writeIndex(folder, { [to.name]: image });
  await shell.run('tar', [
    '-C',
    folder,
    ...reproducibleTar(0),
    '--hard-dereference',
    '-cf',
    to.path,
    'blobs',
    'index.json',
    'oci-layout',
  ]);
  rmSync(folder, { recursive: true });
}
