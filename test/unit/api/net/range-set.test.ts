// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AddressRange, formatRange, parseRange, type Range } from '../../../../api/net/range.ts';
import {
  clipRanges,
  complementRanges,
  coversRanges,
  findRange,
  mergeRanges,
  type RangeSet,
  rangesMeet,
  subtractRanges,
} from '../../../../api/net/range-set.ts';

/** The model: every number below LIMIT, one by one. */
const LIMIT = 340;
const numbers = Array.from({ length: LIMIT }, (_, index) => BigInt(index));
const small = fc
  .oneof(fc.tuple(fc.nat(300), fc.nat(30)), fc.tuple(fc.nat(12), fc.nat(2)))
  .map(
    ([first, length]): AddressRange => ({ family: 4, first: BigInt(first), last: BigInt(first + length) }),
  );
const several = fc.array(small, { maxLength: 12 });

const has = (ranges: readonly Range[], x: bigint): boolean =>
  ranges.some(({ first, last }) => x >= first && x <= last);
const membersOf = (ranges: readonly Range[]): readonly bigint[] => numbers.filter((x) => has(ranges, x));

function expectSet(set: RangeSet): void {
  for (const [index, range] of set.entries()) {
    expect(range.first <= range.last).toBe(true);
    if (index > 0) expect(range.first > set[index - 1]!.last + 1n).toBe(true);
  }
}

test('merged ranges hold the same numbers, neither overlap nor touch', () => {
  fc.assert(
    fc.property(several, (ranges) => {
      const merged = mergeRanges(ranges);
      expectSet(merged);
      expect(membersOf(merged)).toEqual(membersOf(ranges));
    }),
  );
});

test('the complement holds the others, and does not meet', () => {
  fc.assert(
    fc.property(several, (ranges) => {
      const gaps = complementRanges(4, ranges);
      expectSet(gaps);
      expect(membersOf(gaps)).toEqual(numbers.filter((x) => !has(ranges, x)));
      expect(rangesMeet(mergeRanges(ranges), gaps)).toBe(false);
      expect(formatRange(mergeRanges([...ranges, ...gaps])[0]!)).toBe('0.0.0.0/0');
    }),
  );
});

test('a range minus others holds what is in none of the others', () => {
  fc.assert(
    fc.property(small, several, (from, holes) => {
      const left = subtractRanges(from, holes);
      expectSet(left);
      expect(membersOf(left)).toEqual(membersOf([from]).filter((x) => !has(holes, x)));
    }),
  );
});

test('clipped ranges hold what is within the bounds', () => {
  fc.assert(
    fc.property(several, small, (ranges, bounds) => {
      const clipped = clipRanges(ranges, bounds);
      expect(membersOf(clipped)).toEqual(membersOf(ranges).filter((x) => has([bounds], x)));
      expect(clipped.every(({ first, last }) => first <= last)).toBe(true);
    }),
  );
});

test('sets cover and meet each other as their members do', () => {
  fc.assert(
    fc.property(several, several, (some, others) => {
      const [a, b] = [mergeRanges(some), mergeRanges(others)];
      expect(coversRanges(a, b)).toBe(membersOf(b).every((x) => has(a, x)));
      expect(rangesMeet(a, b)).toBe(membersOf(b).some((x) => has(a, x)));
    }),
    { numRuns: 500 },
  );
});

test('ends belong to their ranges', () => {
  const at = (first: number, last: number): AddressRange => ({
    family: 4,
    first: BigInt(first),
    last: BigInt(last),
  });
  expect(clipRanges([at(1, 5), at(9, 12)], at(5, 9))).toEqual([at(5, 5), at(9, 9)]);
  expect(subtractRanges(at(5, 9), [at(3, 5)])).toEqual([at(6, 9)]);
  expect(subtractRanges(at(5, 9), [at(9, 11)])).toEqual([at(5, 8)]);
  expect(coversRanges([at(1, 5), at(7, 9)], [at(5, 5), at(7, 9)])).toBe(true);
});

test('the range that has a number is found', () => {
  fc.assert(
    fc.property(several, (ranges) => {
      const set = mergeRanges(ranges);
      const wrong = numbers.filter((x) => findRange(set, x) !== set.find((range) => has([range], x)));
      expect(wrong).toEqual([]);
    }),
  );
});

test('merged ranges are written as a person would', () => {
  const merge = (...texts: string[]): string[] => mergeRanges(texts.map(parseRange)).map(formatRange);
  expect(merge('10.0.0.0/25', '10.0.0.128/25')).toEqual(['10.0.0.0/24']);
  expect(merge('10.0.0.1', '10.0.0.2')).toEqual(['10.0.0.1-10.0.0.2']);
  expect(merge('fd00::1')).toEqual(['fd00::1']);
});
