// SPDX-License-Identifier: Apache-2.0
/** From what an engine's `save` writes to what a node needs, as pure functions: see image-load.ts. */

/** One entry of the `manifest.json` that `docker save` and `podman save` put into an archive. */
export interface SavedImage {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}

export interface SavedLayer {
  readonly path: string;
  readonly size: number;
}

export interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
}

export interface ImageManifest {
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
};

/**
 * Describes layers as blobs. Engines save layers uncompressed, so the digest of the content is also that of the blob.
 * Only Docker with containerd's store keeps them compressed, under the name of the compressed blob.
 */
export function describeLayers(config: string, layers: readonly SavedLayer[]): Blob[] {
  const diffIds = (JSON.parse(config) as { rootfs: { diff_ids: string[] } }).rootfs.diff_ids;
  return layers.map(({ path, size }, index) => {
    const diffId = diffIds[index] ?? '';
    const named = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
    const digest = named ? `sha256:${named}` : diffId;
    return { digest, size, mediaType: digest === diffId ? mediaTypes.layer : `${mediaTypes.layer}+gzip` };
  });
}

export function describeConfig(digest: string, size: number): Blob {
  return { digest, size, mediaType: mediaTypes.config };
}

/** Renders a manifest. The same image gives the same bytes, so the digest says whether a node has the image. */
export function renderManifest(image: ImageManifest): string {
  const { config, layers } = image;
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers });
}

export interface IndexEntry {
  readonly name: string;
  readonly digest: string;
  readonly size: number;
}

export function renderIndex(entries: readonly IndexEntry[]): string {
  const manifests = entries.map(({ name, digest, size }) => ({
    mediaType: mediaTypes.manifest,
    digest,
    size,
    annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name },
  }));
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
}

export interface NodeContent {
  /** Digests by image name. */
  readonly images: ReadonlyMap<string, string>;
  /** Digests of all blobs in the node's store. */
  readonly blobs: ReadonlySet<string>;
}

/** Reads `ctr images ls` and `ctr content ls -q`. */
export function parseNodeContent(images: string, content: string): NodeContent {
  const rows = images.split('\n').slice(1).filter(Boolean);
  const pairs = rows
    .map((row) => row.split(/\s+/))
    .map(([name, , digest]) => [name ?? '', digest ?? ''] as const);
  return { images: new Map(pairs), blobs: new Set(content.split('\n').filter(Boolean)) };
}

export interface LoadPlan {
  readonly images: readonly IndexEntry[];
  /** Digests of the blobs that must be sent; the node has all others, above all those of the shared base. */
  readonly blobs: readonly string[];
}

export interface ExportedImage extends IndexEntry {
  readonly blobs: readonly string[];
}

export function planLoad(wanted: readonly ExportedImage[], node: NodeContent): LoadPlan {
  const images = wanted.filter(({ name, digest }) => node.images.get(name) !== digest);
  const blobs = new Set(images.flatMap((image) => [image.digest, ...image.blobs]));
  return { images, blobs: [...blobs].filter((digest) => !node.blobs.has(digest)) };
}
