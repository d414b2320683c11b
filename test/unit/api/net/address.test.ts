// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addressesOf,
  FAMILIES,
  formatAddress,
  highest,
  makeAddress,
  onesOf,
  parseAddress,
  quote,
  sameAddress,
  tryParseAddress,
} from '../../../../api/net/address.ts';
import { address, ipv6 } from './arbitrary.ts';

test('an address is the same after it is written as text and parsed again', () => {
  fc.assert(
    fc.property(address, (given) => {
      expect(parseAddress(formatAddress(given))).toEqual(given);
    }),
  );
});

test('IPv6 is written as browsers write it, who follow RFC 5952 without its mixed form', () => {
  fc.assert(
    fc.property(ipv6, (given) => {
      const { hostname } = new URL(`http://[${formatAddress(given)}]/`);
      expect(`[${formatAddress(given)}]`).toBe(hostname);
    }),
    { numRuns: 2000 },
  );
});

test('whatever is taken for an address is one for the system too, and of the same family', () => {
  const nearly = fc.stringMatching(/^[0-9a-f.:%]{0,24}$/);
  const mangled = fc
    .tuple(address, fc.nat(40), fc.constantFrom('', ':', '0', '.', '/', 'g', '::', '%1'))
    .map(([given, at, piece]) => {
      const text = formatAddress(given);
      return text.slice(0, at) + piece + text.slice(at + 1);
    });
  fc.assert(
    fc.property(fc.oneof(nearly, mangled), (text) => {
      const parsed = tryParseAddress(text);
      if (parsed !== undefined) expect(isIP(text)).toBe(parsed.family);
    }),
    { numRuns: 2000 },
  );
});

test('every plain spelling that the system takes is taken', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const mapped = /^(0{0,4}:){0,5}:?ffff:/i.test(text);
      if (isIP(text) !== 0 && !mapped) expect(tryParseAddress(text)?.family).toBe(isIP(text));
    }),
    { numRuns: 2000 },
  );
});

test.for([
  '',
  ' 10.0.0.1',
  '10.0.0.01',
  '010.0.0.1',
  '10.1',
  '0x0a000001',
  '167772161',
  '10.0.0.256',
  '10.0.0.1.',
  '10.0.0.1/32',
  'fe80::1%eth0',
  'fd20:::1',
  'fd20::1::2',
  'fd20::00001',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '::ffff:10.0.0.1',
  '::ffff:a00:1',
  '64:ff9b::10.0.0.01',
  ':1',
  '1:',
  ':',
  ':::',
  '1:2:3:4:5:6:7:8::',
  '1:2:3:4:5:6:7:10.0.0.1',
  'fd20::10.0.0.1:1',
  '10.0.0.',
  '.10.0.0',
  '١.0.0.1',
  '[fd20::1]',
])('%j is no address', (text) => {
  expect(tryParseAddress(text)).toBeUndefined();
  expect(() => parseAddress(text)).toThrow(`${JSON.stringify(text)} is not an IPv4 or IPv6 address`);
});

test.for([
  ['10.20.0.5', '10.20.0.5'],
  ['0.0.0.0', '0.0.0.0'],
  ['FD20:0:0:0:0:0:0:5', 'fd20::5'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
  ['::', '::'],
  ['::1', '::1'],
  ['fd20::', 'fd20::'],
  ['1::2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['0:0:0:1:0:0:0:2', '::1:0:0:0:2'],
  ['255.255.255.255', '255.255.255.255'],
] as const)('%s is written %s', ([text, canonical]) => {
  expect(formatAddress(parseAddress(text))).toBe(canonical);
});

test('addresses are equal when family and number are', () => {
  const [a, b, c] = ['10.0.0.1', '10.0.0.2', '::a00:1'].map(parseAddress);
  expect([sameAddress(a!, { ...a! }), sameAddress(a!, b!), sameAddress(a!, c!)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('of a list of texts those that are addresses are read', () => {
  expect(addressesOf(['10.0.0.1', 'x', 'fd20::1']).map(formatAddress)).toEqual(['10.0.0.1', 'fd20::1']);
  expect(addressesOf(undefined)).toEqual([]);
});

test('the highest address of a family has all bits', () => {
  expect(FAMILIES.map((family) => formatAddress({ family, value: highest(family) }))).toEqual([
    '255.255.255.255',
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ]);
  expect([onesOf(0), onesOf(3)]).toEqual([0n, 7n]);
  expect(() => onesOf(129)).toThrow('no address has 129 bits');
});

test('a number that no address of the family has is refused', () => {
  expect([makeAddress(4, 0n), makeAddress(6, 0n)]).toMatchObject([{ value: 0n }, { value: 0n }]);
  expect(makeAddress(4, 0xffffffffn).value).toBe(0xffffffffn);
  for (const value of [-1n, 1n << 32n])
    expect(() => makeAddress(4, value)).toThrow('IPv4 has no address number');
  expect(() => makeAddress(6, 1n << 128n)).toThrow('IPv6 has no address number');
});

test.each([
  ['eth0', '"eth0"'],
  ['\u001b[2J', '"\\u001b[2J"'],
  ['\u009b31m\u007f', '"\\u009b31m\\u007f"'],
  ['\u202e\u2028', '"\\u202e\\u2028"'],
])('the text %j is quoted so that a terminal shows it: %s', (text, quoted) => {
  expect(quote(text)).toBe(quoted);
});

test('a long text is quoted in part', () => {
  expect(quote('x'.repeat(64))).toBe(`"${'x'.repeat(64)}"`);
  expect(quote('x'.repeat(1000))).toBe(`"${'x'.repeat(63)}…"`);
});
