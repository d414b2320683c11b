// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress, highest, makeAddress } from '../../../../api/net/address.ts';
import {
  comparePrefixes,
  containsAddress,
  coversPrefix,
  firstAddress,
  formatPrefix,
  lastAddress,
  maskOf,
  parsePrefix,
  parsePrefixOrAddress,
  prefixesMeet,
  prefixesOf,
  prefixOf,
  sizeOf,
  tryParsePrefix,
} from '../../../../api/net/prefix.ts';
import { address, prefix } from './arbitrary.ts';

test('a prefix is the same after it is written as text and parsed again', () => {
  fc.assert(
    fc.property(prefix, (given) => {
      expect(parsePrefix(formatPrefix(given))).toEqual(given);
    }),
  );
});

test('a prefix has its first and last address, and not those beside them', () => {
  fc.assert(
    fc.property(prefix, (given) => {
      const [first, last] = [firstAddress(given), lastAddress(given)];
      expect(containsAddress(given, first) && containsAddress(given, last)).toBe(true);
      expect(last.value - first.value + 1n).toBe(sizeOf(given));
      const most = highest(given.family);
      if (first.value > 0n)
        expect(containsAddress(given, makeAddress(given.family, first.value - 1n))).toBe(false);
      if (last.value < most)
        expect(containsAddress(given, makeAddress(given.family, last.value + 1n))).toBe(false);
    }),
  );
});

test.for([
  ['10.20.0.1/16', '"10.20.0.1/16" has host bits set; write 10.20.0.0/16'],
  ['fd20::1/64', '"fd20::1/64" has host bits set; write fd20::/64'],
  ['10.20.0.0', '"10.20.0.0" is not an address range such as 10.20.0.0/16 or fd20::/64'],
  ['10.20.0.0/33', '"10.20.0.0/33" is not an address range'],
  ['10.20.0.0/016', '"10.20.0.0/016" is not an address range'],
  ['10.20.0.0/', '"10.20.0.0/" is not an address range'],
  ['10.20.0.0/16/16', '"10.20.0.0/16/16" is not an address range'],
  ['10.20.0.0/1 ', '"10.20.0.0/1 " is not an address range'],
  ['10.20.0.0/0x8', '"10.20.0.0/0x8" is not an address range'],
  ['/8', '"/8" is not an address range'],
  ['::ffff:10.0.0.0/104', '"::ffff:10.0.0.0/104" is not an address range'],
  ['10.0.0.0/1:', '"10.0.0.0/1:" is not an address range'],
  ['fd20::/1a', '"fd20::/1a" is not an address range'],
  ['fd20::/1000', '"fd20::/1000" is not an address range'],
  ['fd20::/129', '"fd20::/129" is not an address range'],
  ['fd20::/-1', '"fd20::/-1" is not an address range'],
] as const)('%s is refused: %s', ([text, message]) => {
  expect(() => parsePrefix(text)).toThrow(message);
  expect(tryParsePrefix(text)).toBeUndefined();
});

test('a single address is a prefix of one where lists of addresses are read', () => {
  expect(formatPrefix(parsePrefixOrAddress('10.0.0.1'))).toBe('10.0.0.1/32');
  expect(formatPrefix(parsePrefixOrAddress('fd20::1'))).toBe('fd20::1/128');
  expect(formatPrefix(parsePrefixOrAddress('10.0.0.0/8'))).toBe('10.0.0.0/8');
});

test('the prefix of an address has it, and no more bits than its length', () => {
  fc.assert(
    fc.property(address, fc.integer({ min: 0, max: 32 }), (given, length) => {
      const found = prefixOf(given, length);
      expect(containsAddress(found, given)).toBe(true);
      expect(parsePrefix(formatPrefix(found))).toEqual(found);
    }),
  );
});

test('one prefix covers another when it has its first and its last address; they meet when one covers the other', () => {
  const near = fc
    .tuple(fc.bigInt(0n, 255n), fc.integer({ min: 22, max: 32 }))
    .map(([value, length]) => prefixOf(makeAddress(4, value), length));
  fc.assert(
    fc.property(near, near, (a, b) => {
      const covers = containsAddress(a, firstAddress(b)) && containsAddress(a, lastAddress(b));
      expect(coversPrefix(a, b)).toBe(covers);
      expect(prefixesMeet(a, b)).toBe(covers || coversPrefix(b, a));
    }),
  );
  expect(prefixesMeet(parsePrefix('0.0.0.0/0'), parsePrefix('::/0'))).toBe(false);
});

test('prefixes come in order of family, address and length', () => {
  const ordered = ['10.0.0.0/8', '10.0.0.0/16', '10.1.0.0/16', 'fd20::/16', 'fd20::/64', 'fd21::/16'];
  const shuffled = fc.shuffledSubarray(ordered, { minLength: ordered.length });
  fc.assert(
    fc.property(shuffled, (texts) => {
      expect(texts.map(parsePrefix).sort(comparePrefixes).map(formatPrefix)).toEqual(ordered);
    }),
  );
});

test('of a list of texts those that are prefixes are read', () => {
  expect(prefixesOf(['10.0.0.0/8', '10.0.0.1/8', 'x', 'fd20::/64']).map(formatPrefix)).toEqual([
    '10.0.0.0/8',
    'fd20::/64',
  ]);
  expect(prefixesOf(undefined)).toEqual([]);
});

test('the mask of a length', () => {
  expect(formatAddress(maskOf(4, 25))).toBe('255.255.255.128');
  expect(formatAddress(maskOf(6, 64))).toBe('ffff:ffff:ffff:ffff::');
  expect(formatAddress(maskOf(4, 0))).toBe('0.0.0.0');
});
