// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddress } from '../../../../api/net/address.ts';
import { parsePrefix, prefixOf } from '../../../../api/net/prefix.ts';
import {
  type AddressRange,
  countOf,
  formatRange,
  parseRange,
  prefixLengthOf,
  rangeOf,
} from '../../../../api/net/range.ts';
import { address, prefix } from './arbitrary.ts';

const range: fc.Arbitrary<AddressRange> = fc
  .tuple(address, fc.bigInt(0n, 3000n))
  .map(([{ family, value }, length]) => ({
    family,
    first: value > length ? value - length : 0n,
    last: value,
  }))
  .filter(({ first }) => first >> 32n !== 0xffffn);

test('a range is the same after it is written as text and parsed again', () => {
  fc.assert(
    fc.property(fc.oneof(range, prefix.map(rangeOf)), (given) => {
      expect(parseRange(formatRange(given))).toEqual(given);
    }),
  );
});

test('a range is a prefix exactly when the prefix around its first address has the same addresses', () => {
  const small = fc
    .tuple(fc.bigInt(0n, 64n), fc.bigInt(0n, 64n))
    .map(([first, more]): AddressRange => ({ family: 4, first, last: first + more }));
  fc.assert(
    fc.property(small, (given) => {
      const lengths = Array.from({ length: 33 }, (_, length) => length);
      const fitting = lengths.find((length) => {
        const { first, last } = rangeOf(prefixOf({ family: 4, value: given.first }, length));
        return first === given.first && last === given.last;
      });
      expect(prefixLengthOf(given)).toBe(fitting);
    }),
    { numRuns: 1000 },
  );
});

test('the whole of a family is a prefix', () => {
  expect(formatRange(rangeOf(parsePrefix('::/0')))).toBe('::/0');
  expect(countOf(rangeOf(parsePrefix('0.0.0.0/0')))).toBe(1n << 32n);
  expect(countOf(parseRange('10.20.0.1-10.20.0.9'))).toBe(9n);
});

test.for([
  ['10.20.0.1', '10.20.0.1', '10.20.0.1'],
  ['10.20.0.1-10.20.0.9', '10.20.0.1', '10.20.0.9'],
  ['10.20.0.1-10.20.0.1', '10.20.0.1', '10.20.0.1'],
  ['10.20.0.0/28', '10.20.0.0', '10.20.0.15'],
  ['fd20::/126', 'fd20::', 'fd20::3'],
] as const)('the run %s is from %s to %s', ([text, first, last]) => {
  const { family, value } = parseAddress(first);
  expect(parseRange(text)).toEqual({ family, first: value, last: parseAddress(last).value });
});

test.for([
  ['10.20.0.9-10.20.0.1', 'ends before it begins'],
  ['fd20::9-fd20::1', 'ends before it begins'],
  ['10.20.0.1-fd20::1', 'ends before it begins'],
  ['-10.20.0.1', 'is not a range of addresses'],
  ['10.20.0.1-', 'is not a range of addresses'],
  ['10.20.0.1-10.20.0.2-10.20.0.3', 'is not a range of addresses'],
  ['gateway', 'is not an address range'],
  ['10.0.0.1/8', 'has host bits set'],
  ['10.0.0', 'is not an address range'],
  ['10.0.0.0/8-10.0.0.9', 'is not a range of addresses'],
  ['::ffff:102:304', 'is not an address range'],
  ['fe80::1%eth0', 'is not an address range'],
] as const)('the run %s is refused: it %s', ([text, message]) => {
  expect(() => parseRange(text)).toThrow(message);
});
