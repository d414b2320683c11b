// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withLock } from '../../../../tools/kind/lock.ts';
import { cacheDirectory } from '../../../../tools/kind/paths.ts';
import { createProgress, failureMessage, formatSeconds, tail } from '../../../../tools/kind/progress.ts';

beforeEach(() => vi.stubEnv('XDG_CACHE_HOME', mkdtempSync(join(tmpdir(), 'heddle-unit-'))));
afterEach(() => vi.unstubAllEnvs());

function output(): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

test('the cache is where XDG says', () => {
  expect(cacheDirectory({ XDG_CACHE_HOME: '/x' })).toBe('/x/heddle');
  expect(cacheDirectory({})).toMatch(/\/\.cache\/heddle$/);
});

test('a step says its elapsed time on a plain line', async () => {
  const { stream, text } = output();
  const progress = createProgress('unit', stream);
  expect(await progress.step('Count', async () => 3)).toBe(3);
  expect(text()).toMatch(/^Count: \d+\.\d s\n$/);
  expect(progress.timings.map(({ title }) => title)).toEqual(['Count']);
});

test('a failed step shows the end of its log and where the whole log is', async () => {
  const progress = createProgress('unit', output().stream);
  const failing = progress.step('Break', (shell) =>
    shell.run('sh', ['-c', 'echo told; echo why >&2; exit 3']),
  );
  const error = await failing.catch((reason: Error) => reason);
  expect(error).toBeInstanceOf(Error);
  const message = (error as Error).message;
  expect(message).toContain('  | why');
  const path = /The whole log: (.*)$/.exec(message)?.[1] ?? '';
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain('told');
});

test('times and tails are short', () => {
  expect(formatSeconds(1234)).toBe('1.2 s');
  expect(formatSeconds(125_000)).toBe('2 min 5 s');
  expect(tail('a\nb\nc\n', 2)).toBe('b\nc');
  expect(failureMessage('X', 'reason', 'line', '/log')).toBe(
    'X: failed\n  | line\nreason\nThe whole log: /log',
  );
});

test('two holders of one lock never run at once, and others are not held up', async () => {
  const events: string[] = [];
  const hold = (name: string, label: string): Promise<void> =>
    withLock(
      name,
      () => events.push(`${label} waits`),
      async () => {
        events.push(`${label} in`);
        await new Promise((resolve) => setTimeout(resolve, 700));
        events.push(`${label} out`);
      },
    );
  const first = hold('one', 'first');
  await vi.waitFor(() => expect(events).toContain('first in'));
  await Promise.all([first, hold('one', 'second'), hold('two', 'other')]);
  expect(events.indexOf('second in')).toBeGreaterThan(events.indexOf('first out'));
  expect(events).toContain('second waits');
  expect(events.indexOf('other in')).toBeLessThan(events.indexOf('first out'));
});
