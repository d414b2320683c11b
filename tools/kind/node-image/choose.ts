// SPDX-License-Identifier: Apache-2.0
import { type Binaries, binaries } from '../binaries.ts';
import type { Engine } from '../engine/detect.ts';
import { imageId } from '../engine/images.ts';
import type { Progress } from '../progress.ts';
import type { Shell } from '../shell.ts';
import { withBuildLock } from '../tools.ts';
import { publishedNodeImage, publishedNodeTag } from '../versions.ts';
import { builtNodeImage, ensureBuiltNodeImage } from './build.ts';

export interface NodeImage {
  readonly name: string;
  /** Our own image has no pod network in it; the published one has kind's. */
  readonly built: boolean;
}

/** How long to wait for a registry before the image is built from source. */
const registryTimeoutMs = 10_000;

/** Returns the published image if it can be pulled, else one built from source. */
export function ensureNodeImage(progress: Progress, engine: Engine): Promise<NodeImage> {
  return withBuildLock(progress, () => choose(progress, engine, binaries()));
}

async function choose(progress: Progress, engine: Engine, binaries: Binaries): Promise<NodeImage> {
  const stored = await storedNodeImage(engine);
  if (stored) return { name: stored, built: false };
  const ours = builtNodeImage(engine, binaries.key);
  // Once built, this image stays the choice here, so that later runs do not wait for a registry.
  if (await imageId(engine, ours)) return { name: ours, built: true };
  if (await progress.step('Look for the published node image', (shell) => canPull(shell, engine))) {
    await progress.step('Pull the node image', (shell) =>
      shell.run(engine.kind, ['pull', publishedNodeImage], { env: engine.env }),
    );
    return { name: publishedNodeImage, built: false };
  }
  progress.say('No registry answers: building a node image from source (up to 20 minutes, once).');
  return { name: await ensureBuiltNodeImage(progress, engine, binaries), built: true };
}

/** The published image, if the engine's store has it, from whatever source. */
export async function storedNodeImage(engine: Engine): Promise<string | undefined> {
  for (const name of [publishedNodeImage, publishedNodeTag]) {
    if (await imageId(engine, name)) return name;
  }
  return undefined;
}

async function canPull(shell: Shell, engine: Engine): Promise<boolean> {
  const reply = await shell.attempt(engine.kind, ['manifest', 'inspect', publishedNodeImage], {
    env: engine.env,
    timeoutMs: registryTimeoutMs,
  });
  return reply.ok;
}
