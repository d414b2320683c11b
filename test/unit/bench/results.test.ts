// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { type MeasuredPart, mergeResults, type Part } from '../../../bench/results.ts';
import { median, ratios, spread } from '../../../bench/statistics.ts';

function measured(part: Part, markdown: string): MeasuredPart {
  const circumstances = {
    date: 'today',
    commit: 'abc',
    kernel: '6.18',
    cpus: '2 CPUs',
    load: '0 0 0',
    quick: false,
  };
  return { part, section: { title: `Title of ${part}`, markdown }, circumstances };
}

describe('the report of the benchmark', () => {
  test('has the parts in one order, whichever was measured first', () => {
    const text = mergeResults('', [measured('attach', 'A'), measured('datapath', 'D')]);
    expect(text.indexOf('Title of datapath')).toBeGreaterThan(0);
    expect(text.indexOf('Title of attach')).toBeGreaterThan(text.indexOf('Title of datapath'));
  });

  test('keeps the former figures and date of a part that was not measured again', () => {
    const former = mergeResults('', [measured('datapath', 'old D'), measured('attach', 'old A')]);
    const text = mergeResults(former, [measured('attach', 'new A')]);
    expect(text).toContain('old D');
    expect(text).not.toContain('old A');
    expect(text).toContain('new A');
  });

  test('does not change when the same is measured again', () => {
    const once = mergeResults('', [measured('control', 'C')]);
    expect(mergeResults(once, [measured('control', 'C')])).toBe(once);
  });

  test('says so when it was a quick look', () => {
    const part = measured('attach', 'A');
    const quick = { ...part, circumstances: { ...part.circumstances, quick: true } };
    expect(mergeResults('', [quick])).toContain('a look, not a measurement');
    expect(mergeResults('', [part])).not.toContain('a look, not a measurement');
  });
});

describe('the figures of the benchmark', () => {
  test('the median of an even number of values lies between the middle two', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([9, 1, 2])).toBe(2);
  });

  test('the noise is the median distance from the median, as a part of it', () => {
    expect(spread([90, 100, 100, 100, 200])).toBe(0);
    expect(spread([80, 90, 100, 110, 500])).toBeCloseTo(0.1);
  });

  test('ratios are taken within a round, so that a slow round does not count', () => {
    expect(median(ratios([100, 10, 100], [50, 5, 50]))).toBe(2);
  });

  test('a round without a value to compare with does not count', () => {
    expect(median(ratios([100, 0, 7, 100], [50, 0, 0, 50]))).toBe(2);
  });
});
