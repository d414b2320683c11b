// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { isSettled, nextRoundMs } from '../../../../operator/report/pace.ts';
import { parseReport } from '../../../../operator/report/parse.ts';

const report = {
  generation: 2,
  inputs: 'a',
  error: null,
  rules: [{ name: 'web', packets: 1, bytes: 2 }],
  logged: 0,
};

describe('a report', () => {
  test('is taken as the instance sent it', () => {
    expect(parseReport(JSON.stringify(report))).toEqual(report);
    const failed = { ...report, error: { field: 'spec.rules[0]', message: 'no' } };
    expect(parseReport(JSON.stringify(failed)).error).toEqual(failed.error);
  });

  test.each([
    ['no JSON', '<html>', 'not JSON'],
    ['a list', '[]', 'the report is not an object'],
    ['without a generation', JSON.stringify({ ...report, generation: undefined }), 'generation'],
    ['with a count below zero', JSON.stringify({ ...report, logged: -1 }), 'logged'],
    ['with a rule that is none', JSON.stringify({ ...report, rules: [7] }), 'rules[0]'],
  ])('that is %s is refused, and why', (_what, text, message) => {
    expect(() => parseReport(text)).toThrow(message);
  });
});

describe('instances are asked', () => {
  test('again soon while one has not the generation that is wanted, and has no error to tell', () => {
    const newer = { ...report, generation: 3 };
    expect(isSettled([report], { ...report, inputs: 'b' })).toBe(false);
    expect(isSettled([report, undefined], report)).toBeFalsy();
    expect(isSettled([report], newer)).toBeFalsy();
    expect(isSettled([{ ...report, error: { field: 'f', message: 'm' } }], newer)).toBeTruthy();
    expect(isSettled([report], report)).toBeTruthy();
    expect(nextRoundMs({ isSettled: false, unsettledRounds: 1 })).toBe(500);
    expect(nextRoundMs({ isSettled: true, unsettledRounds: 0 })).toBe(5000);
  });

  test('less and less often when one never answers', () => {
    expect(nextRoundMs({ isSettled: false, unsettledRounds: 1000 })).toBe(5000);
  });
});
