// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  findRegressions,
  listSurvivors,
  type MutationReport,
  mergeReports,
  rangesOfSurvivors,
  scoreFiles,
  summarize,
} from '../../../../tools/mutants/report.ts';

const mutant = (status: string, line = 1) => ({
  status,
  replacement: 'a >= b',
  location: { start: { line, column: 5 }, end: { line, column: 10 } },
});
const report: MutationReport = {
  files: {
    'b.ts': {
      source: 'if (a > b) {\nif (c > d) return;\n}\n',
      mutants: [mutant('Killed'), mutant('Timeout'), mutant('Survived', 1), mutant('NoCoverage', 2)],
    },
    'a.ts': { source: '', mutants: [mutant('Killed'), mutant('RuntimeError'), mutant('Ignored')] },
  },
};

const survivors = listSurvivors(report);

test('a change counts when it could be tried; one that no test reaches has survived', () => {
  expect(scoreFiles(report, [])).toEqual({
    'a.ts': { mutants: 1, equivalent: 0, survived: 0 },
    'b.ts': { mutants: 4, equivalent: 0, survived: 2 },
  });
});

test('a survivor that is judged equivalent is counted apart', () => {
  const scores = scoreFiles(report, survivors.slice(0, 1));
  expect(scores['b.ts']).toEqual({ mutants: 4, equivalent: 1, survived: 1 });
  expect(summarize(scores)).toContain('b.ts: 4 changes, 2 noticed, 1 equivalent, 1 survived');
});

test('a survivor has its place, its line and its change', () => {
  expect(survivors).toEqual([
    { file: 'b.ts', place: '1:5', line: 'if (a > b) {', change: 'a > b -> a >= b' },
    { file: 'b.ts', place: '2:5', line: 'if (c > d) return;', change: 'c > d -> a >= b' },
  ]);
});

test('of a long change, what differs is shown', () => {
  const long = `${'first && '.repeat(9)}a < 0`;
  const mutants = [
    {
      status: 'Survived',
      replacement: long.replace('<', '<='),
      location: { start: { line: 1, column: 1 }, end: { line: 1, column: long.length + 1 } },
    },
  ];
  expect(listSurvivors({ files: { 'a.ts': { source: long, mutants } } })).toMatchObject([
    { change: '…irst && first && a < 0 -> …irst && first && a <= 0' },
  ]);
});

test('survivors are tried again by their places, whose columns begin with 0', () => {
  expect(rangesOfSurvivors(report)).toEqual(['b.ts:1:4-1:9', 'b.ts:2:4-2:9']);
});

test('a later run replaces the results of the changes that it tried', () => {
  const source = report.files['b.ts']!.source;
  const later = { files: { 'b.ts': { source, mutants: [mutant('Ignored', 1), mutant('Killed', 2)] } } };
  const statuses = mergeReports(report, later).files['b.ts']!.mutants.map(({ status }) => status);
  expect(statuses.slice(2)).toEqual(['Survived', 'Killed']);
  const edited = { files: { 'b.ts': { source: 'other', mutants: [] } } };
  expect(() => mergeReports(report, edited)).toThrow('b.ts has changed');
});

test('more survivors than before, or a file that nobody has measured, fail', () => {
  const now = scoreFiles(report, []);
  expect(findRegressions(now, now)).toEqual([]);
  expect(findRegressions({ ...now, 'b.ts': { mutants: 4, equivalent: 1, survived: 1 } }, now)).toEqual([
    'b.ts: 2 changes survive, 1 did',
  ]);
  expect(findRegressions({ 'b.ts': now['b.ts']! }, now)).toEqual([expect.stringContaining('a.ts: not in')]);
});
