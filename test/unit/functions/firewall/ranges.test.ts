import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRange as parseAny } from '../../../../api/net/range.ts';
import {
  complementRanges,
  formatMask,
  formatRange,
  mergeRanges,
  parseRange,
  rangesMeet,
} from '../../../../functions/firewall/ranges.ts';

const small = fc
  .tuple(fc.nat(300), fc.nat(30))
  .map(([first, length]) => ({ family: 4 as const, first: BigInt(first), last: BigInt(first + length) }));

describe('firewall: ranges', () => {
  test.each([
    '10.0.0.1',
    '10.0.0.0/8',
    '0.0.0.0/0',
    '::/0',
    'fd00::/64',
    '::1',
    '1:2:3:4:5:6:7:8',
    'fd00:0:0:1::/64',
  ])('the fast way reads %s as the exact one does', (text) =>
    expect(parseRange(text)).toEqual(parseAny(text)),
  );

  test.each([
    '10.0.0.1/8',
    '10.0.0',
    '10.0.0.0/33',
    'fd00::1/64',
    '::ffff:1.2.3.4',
    '::ffff:102:304',
    'fe80::1%eth0',
    '010.0.0.1',
    '10.0.0.0/08',
  ])('%s is refused', (text) => expect(() => parseRange(text)).toThrow());

  test('merged ranges hold the same addresses, neither overlap nor touch; the complement holds the others', () => {
    fc.assert(
      fc.property(fc.array(small, { maxLength: 12 }), (ranges) => {
        const merged = mergeRanges(ranges);
        const gaps = complementRanges(4, merged);
        const inside = (list: readonly { first: bigint; last: bigint }[], x: bigint): boolean =>
          list.some(({ first, last }) => x >= first && x <= last);
        const addresses = Array.from({ length: 340 }, (_, i) => BigInt(i));
        expect(addresses.filter((x) => inside(merged, x) !== inside(ranges, x))).toEqual([]);
        expect(addresses.filter((x) => inside(gaps, x) === inside(ranges, x))).toEqual([]);
        merged.slice(1).forEach((range, i) => {
          expect(range.first > merged[i]!.last + 1n).toBe(true);
        });
        expect(rangesMeet(merged, gaps)).toBe(false);
      }),
    );
  });

  test('a range is spelled as a person would', () => {
    const spell = (...texts: string[]): string[] => mergeRanges(texts.map(parseRange)).map(formatRange);
    expect(spell('10.0.0.0/25', '10.0.0.128/25')).toEqual(['10.0.0.0/24']);
    expect(spell('10.0.0.1', '10.0.0.2')).toEqual(['10.0.0.1-10.0.0.2']);
    expect(spell('fd00::1')).toEqual(['fd00::1']);
    expect([formatMask(4, 25), formatMask(6, 64)]).toEqual(['255.255.255.128', 'ffff:ffff:ffff:ffff::']);
  });
});
