import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Cidr,
  cidrOf,
  containsAddress,
  firstAddress,
  formatCidr,
  lastAddress,
  makeAddress,
  parseAddress,
  parseCidr,
  parseCidrOrAddress,
  parseRange,
  sizeOf,
} from '../../../../api/index.ts';

const cidr: fc.Arbitrary<Cidr> = fc.oneof(
  fc
    .tuple(fc.bigInt(0n, 0xffffffffn), fc.integer({ min: 0, max: 32 }))
    .map(([value, length]) => cidrOf(makeAddress(4, value), length)),
  fc
    .tuple(fc.bigInt(1n << 100n, (1n << 128n) - 1n), fc.integer({ min: 30, max: 128 }))
    .map(([value, length]) => cidrOf(makeAddress(6, value), length)),
);

test('a range survives its text', () => {
  fc.assert(
    fc.property(cidr, (given) => {
      expect(parseCidr(formatCidr(given))).toEqual(given);
    }),
  );
});

test('a range has its first and last address, and not those beside them', () => {
  fc.assert(
    fc.property(cidr, (given) => {
      const [first, last] = [firstAddress(given), lastAddress(given)];
      expect(containsAddress(given, first) && containsAddress(given, last)).toBe(true);
      expect(last.value - first.value + 1n).toBe(sizeOf(given));
      const most = given.family === 4 ? 0xffffffffn : (1n << 128n) - 1n;
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
  ['fd20::/129', '"fd20::/129" is not an address range'],
  ['fd20::/-1', '"fd20::/-1" is not an address range'],
] as const)('%s is refused: %s', ([text, message]) => {
  expect(() => parseCidr(text)).toThrow(message);
});

test('a single address is a range of one where lists of addresses are read', () => {
  expect(formatCidr(parseCidrOrAddress('10.0.0.1'))).toBe('10.0.0.1/32');
  expect(formatCidr(parseCidrOrAddress('fd20::1'))).toBe('fd20::1/128');
  expect(formatCidr(parseCidrOrAddress('10.0.0.0/8'))).toBe('10.0.0.0/8');
});

test.for([
  ['10.20.0.1', '10.20.0.1', '10.20.0.1'],
  ['10.20.0.1-10.20.0.9', '10.20.0.1', '10.20.0.9'],
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
  ['10.20.0.1-', 'is not a range of addresses'],
  ['10.20.0.1-10.20.0.2-10.20.0.3', 'is not a range of addresses'],
  ['gateway', 'is not an address range'],
] as const)('the run %s is refused: it %s', ([text, message]) => {
  expect(() => parseRange(text)).toThrow(message);
});
