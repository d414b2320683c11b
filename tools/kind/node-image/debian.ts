// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine/detect.ts';
import { imageId } from '../engine/images.ts';
import { installPackages, isRoot, mayInstallPackages } from '../engine/install.ts';
import { hasCommand } from '../find.ts';
import { cacheDirectory } from '../paths.ts';
import type { Progress } from '../progress.ts';
import type { Shell } from '../shell.ts';
import { cacheKey } from '../versions.ts';

/** Debian 12, not 13: systemd 257 no longer starts under cgroup v1. */
const suite = 'bookworm';

/** Files that Debian's own slim image leaves out too. */
const unwanted = [
  './var/cache/apt/archives/*.deb',
  './var/lib/apt/lists/*',
  './var/log/*',
  './usr/share/doc/*',
  './usr/share/man/*',
  './usr/share/locale/*',
  './usr/share/info/*',
  './dev/*',
];

export const debianImage = `localhost/heddle/debian:${cacheKey(suite, ...unwanted)}`;

/** Makes the image that is used instead of `debian:bookworm-slim` when no registry answers. */
export async function ensureDebianImage(progress: Progress, engine: Engine): Promise<string> {
  if (await imageId(engine, debianImage)) return debianImage;
  const archive = join(cacheDirectory(), `debian-${debianImage.split(':')[1]}.tar`);
  if (!existsSync(archive)) await bootstrap(progress, archive);
  await progress.step('Import Debian', async (shell) => {
    const change = ['--change', 'CMD ["bash"]'];
    await shell.run(engine.kind, ['import', ...change, archive, debianImage], { env: engine.env });
  });
  return debianImage;
}

async function bootstrap(progress: Progress, archive: string): Promise<void> {
  if (!isRoot())
    throw new Error('No image registry answers, and building a node image from source needs root.');
  if (!hasCommand('debootstrap')) {
    if (!mayInstallPackages()) throw new Error('Building a node image needs debootstrap: install it.');
    await installPackages(progress, 'to build a node image from source', [
      'debootstrap',
      'debian-archive-keyring',
    ]);
  }
  await progress.step('Debian from packages', async (shell) => {
    const root = `${archive}.partial-root`;
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    await shell.run('debootstrap', ['--variant=minbase', suite, root]);
    await pack(shell, root, archive);
    rmSync(root, { recursive: true, force: true });
  });
}

async function pack(shell: Shell, root: string, archive: string): Promise<void> {
  const excludes = unwanted.map((pattern) => `--exclude=${pattern}`);
  await shell.run('tar', ['-C', root, ...excludes, '-cf', `${archive}.partial`, '.']);
  renameSync(`${archive}.partial`, archive);
}
