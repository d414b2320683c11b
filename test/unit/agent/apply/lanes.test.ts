// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Lanes } from '../../../../agent/apply/lanes.ts';

test('urgent work waits for the piece that runs, not for ordinary work that waits, and keeps its own order', async () => {
  const lanes = new Lanes();
  const done: string[] = [];
  const piece = (name: string) => async () => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push(name);
  };
  await Promise.all([
    lanes.run('ordinary', piece('runs')),
    lanes.run('ordinary', piece('waits')),
    lanes.run('ordinary', piece('waits too')),
    lanes.run('urgent', piece('urgent')),
    lanes.run('urgent', piece('urgent too')),
  ]);
  expect(done).toEqual(['runs', 'urgent', 'urgent too', 'waits', 'waits too']);
});

test('work that fails lets the next one run', async () => {
  const lanes = new Lanes();
  const failing = lanes.run('urgent', async () => {
    throw new Error('no');
  });
  const next = lanes.run('ordinary', async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  await expect(next).resolves.toBe('yes');
});
