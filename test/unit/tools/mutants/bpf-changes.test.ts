// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { listChanges, spread, withChange } from '../../../../tools/mutants/bpf-changes.ts';

const source = [
  '#if A == B',
  '/* a == b',
  ' * c == d */',
  '\tif (cursor + 1 > data_end)',
  '\tif (a == b && c)',
  '\tfor (i = 0; i < 4; i++)',
  '\treturn false;',
].join('\n');

test('changes are made to decisions, not to comments, macros, loops and bounds for the verifier', () => {
  expect(listChanges('x.h', source)).toEqual([
    { file: 'x.h', line: 5, before: '\tif (a == b && c)', after: '\tif (a != b && c)' },
    { file: 'x.h', line: 7, before: '\treturn false;', after: '\treturn true;' },
  ]);
});

test('a change is made to its line alone', () => {
  const [change] = listChanges('x.h', source);
  const changed = withChange(source, change!).split('\n');
  expect(changed.filter((line, index) => line !== source.split('\n')[index])).toEqual(['\tif (a != b && c)']);
  expect(() => withChange('nothing', change!)).toThrow('line 5');
});

test('some of many are spread evenly, and always the same', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 2)).toEqual([2, 7]);
  expect(spread([1, 2], 5)).toEqual([1, 2]);
});
