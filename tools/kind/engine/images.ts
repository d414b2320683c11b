import { createShell, type Shell } from '../shell.ts';
import type { Engine } from './detect.ts';

/** The id of an image in the engine's own store, or nothing. */
export async function imageId(engine: Engine, name: string): Promise<string | undefined> {
  const reply = await createShell().attempt(engine.kind, ['image', 'inspect', '--format', '{{.Id}}', name], {
    env: engine.env,
  });
  return reply.ok ? reply.stdout.replace(/^sha256:/, '') : undefined;
}

export interface BuildOptions {
  readonly dockerfile: string;
  readonly context: string;
  readonly tag: string;
  readonly args?: Readonly<Record<string, string>>;
}

/** Builds without an own network and with as few privileges as each engine can: RUN steps only reach apt. */
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
  // Builds follow each other closely here, and each would leave a nameless image behind.
  if (before && before !== (await imageId(engine, options.tag))) {
    await shell.attempt(engine.kind, ['image', 'rm', before], { env: engine.env });
  }
}
