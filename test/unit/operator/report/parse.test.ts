// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { allow } from '../../../../operator/report/allowance.ts';
import { isSettled, nextRoundMs } from '../../../../operator/report/pace.ts';
import { parseReport } from '../../../../operator/report/parse.ts';

const report = {
  generation: 2,
  inputs: 'a',
  error: null,
  rules: [{ name: 'web', packets: 1, bytes: 2 }],
  logged: 0,
};

const allowance = allow(1);

describe('a report', () => {
  test('is taken as the instance sent it', () => {
    expect(parseReport(JSON.stringify(report), allowance)).toEqual(report);
    const failed = { ...report, error: { field: 'spec.rules[0]', message: 'no' } };
    expect(parseReport(JSON.stringify(failed), allowance).error).toEqual(failed.error);
  });

  test.each([
    ['no JSON', '<html>', 'not JSON'],
    ['a list', '[]', 'the report is not an object'],
    ['without a generation', JSON.stringify({ ...report, generation: undefined }), 'generation'],
    ['with a count below zero', JSON.stringify({ ...report, logged: -1 }), 'logged'],
    [
      'with a longer list than its object',
      JSON.stringify({ ...report, rules: Array(18).fill({}) }),
      'more than 17 entries',
    ],
    [
      'with a backend that has no address',
      JSON.stringify({
        ...report,
        backends: [{ address: '\u001b[2J', weight: 1, healthy: true, reason: 'x' }],
      }),
      'backends[0].address is not an address',
    ],
    ['with a count that no status takes', JSON.stringify({ ...report, logged: 1e300 }), 'logged'],
    ['with a part of a packet', JSON.stringify({ ...report, logged: 1.5 }), 'logged'],
    [
      'with a time that is none',
      JSON.stringify({
        ...report,
        backends: [{ address: '10.0.0.1', weight: 1, healthy: true, reason: 'x', since: 'today' }],
      }),
      'backends[0].since is not a time',
    ],
    ['with a rule that is none', JSON.stringify({ ...report, rules: [7] }), 'rules[0]'],
  ])('that is %s is refused, and why', (_what, text, message) => {
    expect(() => parseReport(text, allowance)).toThrow(message);
  });
});

describe('what an instance of a compromised function says (security.md: function-writes-terminal)', () => {
  test('has no control characters and no long texts', () => {
    const error = { field: 'spec\u001b]0;owned\u0007', message: `no\n\u009b2J${'x'.repeat(100_000)}` };
    const said = parseReport(JSON.stringify({ ...report, error }), allowance).error;
    expect(said?.field).toBe('spec\ufffd]0;owned\ufffd');
    expect(said?.message.slice(0, 6)).toBe('no \ufffd2J');
    expect(said?.message.length).toBe(4096);
  });

  test('names only rules of its object, each once', () => {
    const rule = (name: string, packets: number) => ({ name, packets, bytes: 0 });
    const rules = [rule('web', 1), rule('web', 2), rule('other', 3)];
    const said = parseReport(JSON.stringify({ ...report, rules }), allow(1, new Set(['web'])));
    expect(said.rules).toEqual([rule('web', 2)]);
  });

  test('may be as long as its object specifies, and a large object no longer than 8 MiB', () => {
    expect(allow(0).bytes).toBeLessThan(32 * 1024);
    expect(allow(10_000).bytes).toBeGreaterThan(10_000 * 200);
    expect(allow(1_000_000).bytes).toBe(8 * 1024 * 1024);
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
