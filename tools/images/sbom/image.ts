// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledPackages, copiedPackages } from '../../build/npm-package.ts';
import type { ComponentImage } from '../catalogue.ts';
import { debianEntry, nodeEntry, npmEntry } from './contents.ts';
import { readDebianPackages } from './debian.ts';
import { renderSpdx, type SbomPackage } from './spdx.ts';

export interface ImageSbomInput {
  readonly image: ComponentImage;
  readonly digest: string;
  /** Its unpacked layers. */
  readonly folders: readonly string[];
  readonly version: string;
  readonly created: string;
  /** The checkout, and its `dist/`. */
  readonly root: string;
  readonly dist: string;
}

/** The SBOM of one image: what of Debian, of npm and of Node is in it. */
export function imageSbom(input: ImageSbomInput): string {
  const { image, digest, version, created, root, dist } = input;
  const name = `heddle-${image.component}`;
  const node = JSON.parse(readFileSync(join(root, 'node_modules/node/package.json'), 'utf8')) as {
    readonly version: string;
  };
  const copied = image.copiesPackages ? copiedPackages(root, process.arch) : [];
  const contents: readonly SbomPackage[] = [
    nodeEntry(node.version),
    ...readDebianPackages(input.folders).map(debianEntry),
    ...[...bundledPackages(root, dist, image.bundles), ...copied].map(npmEntry),
  ];
  return renderSpdx({
    image: {
      id: name,
      name,
      version,
      purl: `pkg:oci/${image.component}@${encodeURIComponent(digest)}?arch=${architecture()}`,
      purpose: 'CONTAINER',
      license: 'Apache-2.0',
      checksum: { algorithm: 'SHA256', hex: digest.slice('sha256:'.length) },
    },
    contents,
    created,
    creator: `Tool: heddle-images-${version}`,
    namespace: `https://heddle.dev/spdx/${image.component}/${digest.slice('sha256:'.length)}`,
  });
}

function architecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
