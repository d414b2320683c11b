import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Address,
  addressBytes,
  formatAddress,
  parseAddress,
  tryParseAddress,
} from '../../../../api/index.ts';

const ipv4: fc.Arbitrary<Address> = fc.record({
  family: fc.constant(4 as const),
  value: fc.bigInt(0n, 0xffffffffn),
});
const ipv6: fc.Arbitrary<Address> = fc
  .record({ family: fc.constant(6 as const), value: fc.bigInt(0n, (1n << 128n) - 1n) })
  .filter(({ value }) => value >> 32n !== 0xffffn);
const address = fc.oneof(ipv4, ipv6);

test('an address survives its text and its bytes', () => {
  fc.assert(
    fc.property(address, (given) => {
      expect(parseAddress(formatAddress(given))).toEqual(given);
      const bytes = addressBytes(given);
      expect(bytes).toHaveLength(given.family === 4 ? 4 : 16);
      expect(BigInt(`0x${Buffer.from(bytes).toString('hex')}`)).toBe(given.value);
    }),
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
] as const)('%s is written %s', ([text, canonical]) => {
  expect(formatAddress(parseAddress(text))).toBe(canonical);
});
