// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { drainFiles } from '../../../../api/function-environment.ts';
import { watchDrainHook } from '../../../../functions/shared/drain-hook.ts';

let folder: string;
const file = (name: keyof typeof drainFiles): string => join(folder, drainFiles[name]);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-drain-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the hook asks as often as it likes, and the program drains once', async () => {
  const asked = vi.fn();
  const hook = watchDrainHook(folder, asked);
  writeFileSync(join(folder, 'another'), '');
  writeFileSync(file('asked'), '');
  await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce(), { timeout: 10_000 });
  writeFileSync(file('asked'), '');
  hook.finish();
  expect(existsSync(file('done'))).toBe(true);
  expect(asked).toHaveBeenCalledOnce();
  hook.close();
});

test('what a former run of the program left behind asks for nothing and ends no hook', async () => {
  for (const name of ['asked', 'done'] as const) writeFileSync(file(name), '');
  const asked = vi.fn();
  const hook = watchDrainHook(folder, asked);
  expect([existsSync(file('asked')), existsSync(file('done'))]).toEqual([false, false]);
  // Only what comes after the program's start counts.
  writeFileSync(join(folder, 'another'), '');
  writeFileSync(file('asked'), '');
  await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce(), { timeout: 10_000 });
  hook.close();
});
