import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addressAt,
  addressesOf,
  type Cidr,
  cidrOf,
  compareCidrs,
  containsAddress,
  containsCidr,
  firstAddress,
  formatAddress,
  formatCidr,
  lastAddress,
  makeAddress,
  overlaps,
  parseAddress,
  parseCidr,
  parseCidrOrAddress,
  parseRange,
  rangeContains,
  rangeOf,
  sizeOf,
} from '../../../operator/api/index.ts';

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

test('two ranges overlap exactly when they have an address in common', () => {
  fc.assert(
    fc.property(cidr, cidr, (a, b) => {
      const [left, right] = [rangeOf(a), rangeOf(b)];
      const common = left.family === right.family && left.first <= right.last && right.first <= left.last;
      expect(overlaps(a, b)).toBe(common);
      expect(containsCidr(a, b)).toBe(common && left.first <= right.first && right.last <= left.last);
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

test('the addresses of a range come in order, one at a time', () => {
  const small = parseCidr('10.20.0.252/30');
  expect([...addressesOf(small)].map(formatAddress)).toEqual([
    '10.20.0.252',
    '10.20.0.253',
    '10.20.0.254',
    '10.20.0.255',
  ]);
  const huge = addressesOf(parseCidr('fd20::/64'));
  expect([huge.next().value, huge.next().value]).toEqual([parseAddress('fd20::'), parseAddress('fd20::1')]);
  expect(formatAddress(addressAt(small, 3n))).toBe('10.20.0.255');
  expect(() => addressAt(small, 4n)).toThrow(RangeError);
});

test('ranges sort by family, then by first address, the larger first', () => {
  const texts = ['fd20::/64', '10.0.0.0/16', '10.0.0.0/8', '9.0.0.0/8'];
  expect(texts.map(parseCidr).sort(compareCidrs).map(formatCidr)).toEqual([
    '9.0.0.0/8',
    '10.0.0.0/8',
    '10.0.0.0/16',
    'fd20::/64',
  ]);
});

test('a run of addresses is an address, two of them, or a range', () => {
  const inside = (range: string, address: string) => rangeContains(parseRange(range), parseAddress(address));
  expect(inside('10.20.0.1', '10.20.0.1')).toBe(true);
  expect(inside('10.20.0.1', '10.20.0.2')).toBe(false);
  expect(inside('10.20.0.1-10.20.0.9', '10.20.0.9')).toBe(true);
  expect(inside('10.20.0.1-10.20.0.9', '10.20.0.10')).toBe(false);
  expect(inside('fd20::/126', 'fd20::3')).toBe(true);
  expect(inside('10.20.0.0/28', 'fd20::3')).toBe(false);
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
