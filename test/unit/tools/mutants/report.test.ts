// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  findRegressions,
  listSurvivors,
  type MutationReport,
  scoreFiles,
} from '../../../../tools/mutants/report.ts';

const mutant = (status: string, line = 1) => ({
  status,
  mutatorName: 'EqualityOperator',
  replacement: 'a >= b',
  location: { start: { line, column: 3 } },
});
const report: MutationReport = {
  files: {
    'b.ts': {
      mutants: [mutant('Killed'), mutant('Timeout'), mutant('Survived', 7), mutant('NoCoverage', 9)],
    },
    'a.ts': { mutants: [mutant('Killed'), mutant('RuntimeError'), mutant('Ignored')] },
  },
};

test('a change counts when it could be tried; one that no test reaches has survived', () => {
  expect(scoreFiles(report)).toEqual({
    'a.ts': { mutants: 1, survived: 0 },
    'b.ts': { mutants: 4, survived: 2 },
  });
});

test('survivors are told with place and change', () => {
  expect(listSurvivors(report)).toEqual([
    { place: 'b.ts:7:3', change: 'EqualityOperator: a >= b' },
    { place: 'b.ts:9:3', change: 'EqualityOperator: a >= b' },
  ]);
});

test('more survivors than before, or a file that nobody has measured, fail', () => {
  const now = scoreFiles(report);
  expect(findRegressions(now, now)).toEqual([]);
  expect(findRegressions({ ...now, 'b.ts': { mutants: 4, survived: 1 } }, now)).toEqual([
    'b.ts: 2 changes survive, 1 did',
  ]);
  expect(findRegressions({ 'b.ts': now['b.ts']! }, now)).toEqual([expect.stringContaining('a.ts: not in')]);
});
