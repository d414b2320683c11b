// SPDX-License-Identifier: Apache-2.0
/** One image of the control plane: a single layer, and how to start it. */
export interface ScratchImage {
  /** The name that kubeadm uses, with its tag. */
  readonly name: string;
  /** File names inside the archive, and the layer's SHA-256. */
  readonly layer: string;
  readonly diffId: string;
  readonly entrypoint: readonly string[];
  readonly user?: string;
}

export interface ArchiveFile {
  readonly path: string;
  readonly text: string;
}

/** The files that make layers an archive in the format of `docker save`, which containerd imports. */
export function renderArchive(images: readonly ScratchImage[], architecture: string): ArchiveFile[] {
  const configs = images.map((image) => ({
    path: `${image.layer}.json`,
    text: JSON.stringify({
      architecture,
      os: 'linux',
      config: { Entrypoint: image.entrypoint, ...(image.user ? { User: image.user } : {}) },
      rootfs: { type: 'layers', diff_ids: [`sha256:${image.diffId}`] },
      history: [{ created_by: 'heddle tools/kind' }],
    }),
  }));
  const manifest = images.map((image, index) => ({
    Config: configs[index]?.path,
    RepoTags: [image.name],
    Layers: [image.layer],
  }));
  return [{ path: 'manifest.json', text: JSON.stringify(manifest) }, ...configs];
}

/** The program of an image: `coredns` for `registry.k8s.io/coredns/coredns:v1.14.6`. */
export function programOf(image: string): string {
  const path = image.slice(0, image.lastIndexOf(':'));
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The entrypoint of an image. kubeadm gives each component its command line; only these two are started by their image
 * alone.
 */
export function entrypointOf(program: string): readonly string[] {
  switch (program) {
    case 'pause':
      return ['/pause'];
    case 'coredns':
      return ['/usr/local/bin/coredns'];
    default:
      return [];
  }
}
