// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, imageId } from './engine/images.ts';
import { ensureEngine } from './engine/install.ts';
import { loadIntoNodes } from './image-load.ts';
import { debianBase } from './images.ts';
import { withLock } from './lock.ts';
import { repository } from './paths.ts';
import type { Progress } from './progress.ts';
import { cacheKey } from './versions.ts';

/** An example that has an image of its own, which its manifest names. */
export interface ExampleImage {
  readonly name: string;
  /** The folder with its Dockerfile. */
  readonly folder: string;
}

/**
 * Builds the image of an example, from the Dockerfile that users build too, once for the same files, and loads it into
 * the nodes that are containers of this machine's engine. Other nodes must get it from a registry.
 */
export async function ensureExampleImage(
  { name, folder }: ExampleImage,
  nodes: readonly string[],
  progress: Progress,
): Promise<void> {
  const engine = await ensureEngine(progress);
  await withLock(
    'images',
    () => progress.say('Waiting for another run that builds our images ...'),
    async () => {
      const context = join(repository, folder);
      const debian = await debianBase(progress, engine);
      const files = readdirSync(context).sort();
      const key = cacheKey(debian, ...files.flatMap((file) => [file, readFileSync(join(context, file))]));
      const tag = `${name.replace(/:[^:/]*$/, '')}:${key}`;
      if ((await imageId(engine, tag)) === undefined) {
        const dockerfile = join(context, 'Dockerfile');
        await progress.step(`Build ${name}`, (shell) =>
          buildImage(shell, engine, { dockerfile, context, tag, args: { BASE: debian } }),
        );
      }
      await progress.step(`Load ${name}`, async (shell) => {
        await shell.run(engine.kind, ['tag', tag, name], { env: engine.env });
        const ours = await shell.run(engine.kind, ['ps', '--format', '{{.Names}}'], { env: engine.env });
        const running = new Set(ours.split('\n'));
        await loadIntoNodes(
          shell,
          engine,
          nodes.filter((node) => running.has(node)),
          [name],
        );
      });
    },
  );
}
