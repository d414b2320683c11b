// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { createLogger } from '../../../../kube/base/log.ts';

function setUp() {
  const lines: string[] = [];
  const log = createLogger({ name: 'operator', destination: { write: (line) => lines.push(line) } });
  return { log, lines };
}

test('a line is one JSON object with level, time, program and message', () => {
  const { log, lines } = setUp();
  log.info({ key: 'shop/edge' }, 'pass ended');
  const line = JSON.parse(lines[0]!) as Record<string, unknown>;
  expect(line).toMatchObject({ level: 'info', name: 'operator', key: 'shop/edge', msg: 'pass ended' });
  expect(Number.isNaN(Date.parse(String(line.time)))).toBe(false);
});

test('secrets are replaced, at any of the first levels', () => {
  const { log, lines } = setUp();
  log.info(
    { token: 'S3CRET', peer: { privateKey: 'S3CRET', deep: { headers: { authorization: 'S3CRET' } } } },
    'x',
  );
  expect(lines[0]).not.toContain('S3CRET');
});

test('an error is logged with its type, message and stack', () => {
  const { log, lines } = setUp();
  log.warn({ error: new TypeError('bad') }, 'failed');
  expect(JSON.parse(lines[0]!)).toMatchObject({ error: { type: 'TypeError', message: 'bad' } });
});
