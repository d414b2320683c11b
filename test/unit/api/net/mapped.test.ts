// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Address, parseAddress } from '../../../../api/net/address.ts';
import { addressBytes, number128 } from '../../../../api/net/bytes.ts';
import {
  addressOfMapped,
  coversMapped,
  EVERYTHING,
  isMappedIpv4,
  mappedBytes,
  mappedHost,
  mappedNumber,
  mappedPrefix,
  mappedRange,
} from '../../../../api/net/mapped.ts';
import { containsAddress, parsePrefix, prefixOf } from '../../../../api/net/prefix.ts';
import { rangeOf } from '../../../../api/net/range.ts';
import { address, prefix } from './arbitrary.ts';

test('an address survives its mapped form: its own bytes behind ::ffff: of IPv4', () => {
  fc.assert(
    fc.property(address, (given) => {
      const bytes = mappedBytes(given);
      const before = given.family === 4 ? [...Array<number>(10).fill(0), 0xff, 0xff] : [];
      expect([...bytes]).toEqual([...before, ...addressBytes(given)]);
      expect(isMappedIpv4(bytes)).toBe(given.family === 4);
      expect(addressOfMapped(bytes)).toEqual(given);
      expect(number128(bytes)).toBe(mappedNumber(given));
    }),
  );
});

test('a mapped prefix covers what the prefix has, and its range is on the same line of numbers', () => {
  const near = fc
    .tuple(prefix, address)
    .chain(([outer, other]) =>
      fc
        .constantFrom(other, { family: outer.family, value: outer.value } as Address)
        .map((given) => ({ outer, given })),
    );
  fc.assert(
    fc.property(near, fc.integer({ min: 0, max: 128 }), ({ outer, given }, length) => {
      if (outer.family !== given.family) return;
      expect(coversMapped(mappedPrefix(outer), mappedHost(given))).toBe(containsAddress(outer, given));
      expect(mappedRange(rangeOf(outer)).first).toBe(number128(mappedPrefix(outer).bytes));
      const inner = prefixOf(given, Math.min(length, given.family === 4 ? 32 : 128));
      const numbers = { outer: mappedRange(rangeOf(outer)), inner: mappedRange(rangeOf(inner)) };
      expect(coversMapped(mappedPrefix(outer), mappedPrefix(inner))).toBe(
        numbers.outer.first <= numbers.inner.first && numbers.inner.last <= numbers.outer.last,
      );
    }),
    { numRuns: 1000 },
  );
});

test.for(['::ff00:a00:1', '::ff:a00:1', '::1:ffff:a00:1', '1::ffff:a00:1'])('%s is IPv6', (text) => {
  const given = parseAddress(text);
  expect(addressOfMapped(mappedBytes(given))).toEqual(given);
});

test('all of IPv4 is in ::/0, which is everything', () => {
  expect(mappedPrefix(parsePrefix('::/0'))).toEqual(EVERYTHING);
  expect(mappedPrefix(parsePrefix('0.0.0.0/0')).length).toBe(96);
  expect(coversMapped(EVERYTHING, mappedHost(parseAddress('10.0.0.1')))).toBe(true);
});
