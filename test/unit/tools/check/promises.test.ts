// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { findBrokenPromises, parseMarkers, parseRows } from '../../../../tools/check/promises.ts';

const page = (promised: string, open = '') => `
## What is promised

### Pod

| row | promise | check | tested in |
|---|---|---|---|
${promised}

## Not promised yet

| row | line | what an attacker can do today | until then |
|---|---|---|---|
${open}
`;
const ROW = '| `pod-spoofs` | it cannot `x` | a check | `test/kernel/a.test.ts`, `test/b.test.ts` |';
const carrying = (...names: readonly string[]) =>
  new Map([
    ['test/kernel/a.test.ts', names],
    ['test/b.test.ts', names],
  ]);

test('a row has the name of its first column and the test files of its last', () => {
  expect(parseRows(page(ROW, '| `pod-other` | 3 | says `test/c.test.ts` | |'))).toEqual([
    {
      name: 'pod-spoofs',
      section: 'What is promised',
      line: 8,
      tests: ['test/kernel/a.test.ts', 'test/b.test.ts'],
    },
    { name: 'pod-other', section: 'Not promised yet', line: 14, tests: [] },
  ]);
});

test('a test file carries names in titles and comments, several with commas', () => {
  expect(
    parseMarkers("describe('x (security.md: a-b, c)', () => {})\n// security.md: d-e\n// SECURITY.md"),
  ).toEqual(['a-b', 'c', 'd-e']);
});

describe('a promise', () => {
  test('whose tests carry its name is kept', () => {
    expect(findBrokenPromises(page(ROW), carrying('pod-spoofs'))).toEqual([]);
  });

  test('that names no test is told what to do', () => {
    const [fault, ...more] = findBrokenPromises(page('| `pod-spoofs` | it cannot | a check | |'), new Map());
    expect(more).toEqual([]);
    expect(fault).toMatch(/^docs\/security.md:8: pod-spoofs names no test: list test files .* move it to/);
  });

  test('whose test file is not there, or does not carry its name, is told which', () => {
    const tests = new Map([['test/kernel/a.test.ts', ['pod-spoofs-more']]]);
    expect(
      findBrokenPromises(page(ROW, '| `pod-spoofs-more` | 3 | something | |'), tests).map((fault) =>
        fault.replace('docs/security.md:8: pod-spoofs: ', ''),
      ),
    ).toEqual([
      'test/kernel/a.test.ts does not carry the row: write "security.md: pod-spoofs" into the title or comment of its test',
      'there is no test file test/b.test.ts',
    ]);
  });

  test('that stayed among what is not promised yet is there twice', () => {
    expect(
      findBrokenPromises(page(ROW, '| `pod-spoofs` | 3 | something | |'), carrying('pod-spoofs')),
    ).toEqual([expect.stringMatching(/^docs\/security.md:14: pod-spoofs is there twice/)]);
  });
});

test('a name that no row has is a fault of the test that carries it', () => {
  expect(findBrokenPromises(page(ROW), carrying('pod-spoofs', 'pod-gone'))).toEqual([
    'test/kernel/a.test.ts carries "security.md: pod-gone", but docs/security.md has no row pod-gone',
    'test/b.test.ts carries "security.md: pod-gone", but docs/security.md has no row pod-gone',
  ]);
});

test('a row of what is not promised yet needs no test, and a test may carry it already', () => {
  expect(
    findBrokenPromises(page(ROW, '| `pod-late` | 3 | something | |'), carrying('pod-spoofs', 'pod-late')),
  ).toEqual([]);
});
