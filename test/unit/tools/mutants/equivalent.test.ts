// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { applyJudgements } from '../../../../tools/mutants/equivalent.ts';

const survivor = (place: string, line = 'if (a < b) return;') => ({
  file: 'a.ts',
  place,
  line,
  change: 'a < b -> a <= b',
});
const judgement = { line: 'if (a < b) return;', change: 'a < b -> a <= b', why: 'a and b are never equal' };

test('a judgement applies to a survivor with its line and change, wherever the line is', () => {
  const survivors = [survivor('7:5'), survivor('9:5', 'while (a < b) a++;')];
  expect(applyJudgements({ judgements: { 'a.ts': [judgement] }, measured: ['a.ts'], survivors })).toEqual({
    equivalent: [survivors[0]],
    survived: [survivors[1]],
    stale: [],
  });
});

test('a judgement is for one survivor', () => {
  const survivors = [survivor('7:5'), survivor('9:5')];
  const { equivalent, survived } = applyJudgements({
    judgements: { 'a.ts': [judgement] },
    measured: ['a.ts'],
    survivors,
  });
  expect([equivalent, survived]).toEqual([[survivors[0]], [survivors[1]]]);
});

test('a judgement without a survivor is stale, but only in a file that was measured', () => {
  const judgements = { 'a.ts': [judgement], 'b.ts': [judgement] };
  expect(applyJudgements({ judgements, measured: ['a.ts'], survivors: [] }).stale).toEqual([
    'a.ts: if (a < b) return;  (a < b -> a <= b)',
  ]);
});
