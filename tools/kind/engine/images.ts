// SPDX-License-Identifier: Apache-2.0
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedImage } from '../oci.ts';
import { createShell, type Shell } from '../shell.ts';
import type { Engine } from './detect.ts';

/** The id of an image in the engine's own store; undefined when it is not there. */
export async function imageId(engine: Engine, name: string): Promise<string | undefined> {
  const reply = await createShell().attempt(engine.kind, ['image', 'inspect', '--format', '{{.Id}}', name], {
    env: engine.env,
  });
  return reply.ok ? reply.stdout.replace(/^sha256:/, '') : undefined;
}

/** Unpacks images of the engine's store into a folder, and returns the paths of their parts in it. */
export async function saveImages(
  shell: Shell,
  engine: Engine,
  names: readonly string[],
  folder: string,
): Promise<readonly SavedImage[]> {
  const archive = join(folder, 'saved.tar');
  const multiple = engine.kind === 'podman' ? ['--multi-image-archive'] : [];
  await shell.run(engine.kind, ['save', ...multiple, '-o', archive, ...names], { env: engine.env });
  await shell.run('tar', ['-C', folder, '-xf', archive]);
  rmSync(archive);
  return JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as SavedImage[];
}

export interface BuildOptions {
  readonly dockerfile: string;
  readonly context: string;
  readonly tag: string;
  readonly args?: Readonly<Record<string, string>>;
}

/**
 * Builds an image without a network of its own and with the fewest privileges that the engine allows: RUN steps only
 * use apt.
 */
export async function buildImage(shell: Shell, engine: Engine, options: BuildOptions): Promise<void> {
  const before = await imageId(engine, options.tag);
  const args = Object.entries(options.args ?? {}).flatMap(([name, value]) => [
    '--build-arg',
    `${name}=${value}`,
  ]);
  const isolation = engine.kind === 'podman' ? { BUILDAH_ISOLATION: 'chroot' } : {};
  await shell.run(
    engine.kind,
    ['build', '--network=host', ...args, '-f', options.dockerfile, '-t', options.tag, options.context],
    { env: { ...engine.env, ...isolation } },
  );
  // Each build would leave the former image without a name, and there are many builds.
  if (before && before !== (await imageId(engine, options.tag))) {
    await shell.attempt(engine.kind, ['image', 'rm', before], { env: engine.env });
  }
}
