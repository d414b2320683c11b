// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { createOutput } from '../../../../tools/suite/output.ts';

it('passes on whole lines with the name of the suite, the rest at the end', () => {
  const seen: string[] = [];
  const unit = createOutput('unit', (text) => seen.push(text));
  const cluster = createOutput('cluster', (text) => seen.push(text));
  unit.write('one\ntw');
  cluster.write('three\n');
  unit.write('o\n\nfour');
  unit.end();
  unit.end();
  expect(seen).toEqual([
    'unit    | one\n',
    'cluster | three\n',
    'unit    | two\n',
    'unit    | \n',
    'unit    | four\n',
  ]);
});

it('keeps the unfinished lines of two processes apart', () => {
  const seen: string[] = [];
  const first = createOutput('cluster', (text) => seen.push(text));
  const second = first.beside();
  first.write('one ');
  second.write('two\n');
  first.write('three\n');
  expect(seen).toEqual(['cluster | two\n', 'cluster | one three\n']);
});
