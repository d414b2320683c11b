// SPDX-License-Identifier: Apache-2.0
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { repository } from '../../../../tools/kind/paths.ts';
import { addToCorpus, readCorpus } from '../../../fuzz/corpus.ts';

const name = `unit-${process.pid}`;
const file = join(repository, 'test/fuzz/corpus', `${name}.json`);
afterEach(() => rmSync(file, { force: true }));

test('inputs come back as they were, bytes too, and each is kept once', () => {
  const inputs = ['\u001b[2J\ud800', { frame: Buffer.from('00ff', 'hex'), vni: 7 }, [new Uint8Array([1]), 3]];
  for (const input of [...inputs, ...inputs]) addToCorpus(name, input);
  expect(readCorpus(name)).toEqual([inputs[0], inputs[1], [Buffer.from([1]), 3]]);
});

test('a very large input is not kept', () => {
  addToCorpus(name, 'x'.repeat(100_000));
  expect(existsSync(file)).toBe(false);
});

test('every corpus is of a property that is tried', () => {
  const properties = globSync('test/fuzz/**/*.test.ts', { cwd: repository })
    .map((test) => readFileSync(join(repository, test), 'utf8'))
    .join('\n');
  for (const each of globSync('test/fuzz/corpus/*.json', { cwd: repository })) {
    const [property = ''] = each.split('/').slice(-1);
    if (!property.startsWith('unit-')) expect(properties).toContain(`'${property.replace('.json', '')}'`);
  }
});
