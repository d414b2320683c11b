// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type Layer, writeLayer } from '../../../../tools/images/layers.ts';
import { createShell } from '../../../../tools/kind/shell.ts';

const work = mkdtempSync(join(tmpdir(), 'heddle-layers-'));
afterAll(() => rmSync(work, { recursive: true }));

interface Made {
  readonly name: string;
  readonly order: readonly string[];
  readonly mode: number;
  readonly time: number;
  readonly text?: string;
}

/** A layer as an engine saves it: its files in some order, with the times and modes of some build. */
async function layerOf({ name, order, mode, time, text = 'same' }: Made): Promise<Layer> {
  const folder = join(work, `${name}-in`);
  mkdirSync(join(folder, 'app'), { recursive: true });
  for (const file of order) {
    const path = join(folder, 'app', file);
    writeFileSync(path, text);
    chmodSync(path, mode);
    utimesSync(path, time, time);
  }
  const saved = join(work, `${name}-saved.tar`);
  const shell = createShell();
  await shell.run('tar', ['-C', folder, '-cf', saved, 'app', ...order.map((file) => `app/${file}`)]);
  const blobs = join(work, 'blobs');
  mkdirSync(blobs, { recursive: true });
  return writeLayer(shell, { saved, folder: join(work, name), blobs });
}

it('a layer depends on its files alone: not on their order, their times, or the umask of who built it', async () => {
  const one = await layerOf({ name: 'one', order: ['a.mjs', 'b.mjs'], mode: 0o644, time: 1 });
  const other = await layerOf({ name: 'other', order: ['b.mjs', 'a.mjs'], mode: 0o600, time: 2_000_000 });
  expect(other.diffId).toBe(one.diffId);
  expect(other.digest).toBe(one.digest);
  const changed = await layerOf({
    name: 'new',
    order: ['a.mjs', 'b.mjs'],
    mode: 0o644,
    time: 1,
    text: 'new',
  });
  expect(changed.diffId).not.toBe(one.diffId);
});

it('what can be run stays so, and what all may write to', async () => {
  const made = { order: ['a'], time: 1 };
  const plain = await layerOf({ ...made, name: 'plain', mode: 0o644 });
  const executable = await layerOf({ ...made, name: 'executable', mode: 0o700 });
  const sticky = await layerOf({ ...made, name: 'sticky', mode: 0o1666 });
  expect(executable.diffId).not.toBe(plain.diffId);
  expect(sticky.diffId).not.toBe(plain.diffId);
});
