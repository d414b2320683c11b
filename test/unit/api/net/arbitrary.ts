// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { Address } from '../../../../api/net/address.ts';
import { type Prefix, prefixOf } from '../../../../api/net/prefix.ts';

/** Any value, and often one with groups that are zero or short, where notations differ. */
const wide = fc.oneof(
  fc.bigInt(0n, (1n << 128n) - 1n),
  fc
    .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n)),
);

export const ipv4: fc.Arbitrary<Address> = fc.record({
  family: fc.constant(4 as const),
  value: fc.bigInt(0n, 0xffffffffn),
});

export const ipv6: fc.Arbitrary<Address> = fc
  .record({ family: fc.constant(6 as const), value: wide })
  .filter(({ value }) => value >> 32n !== 0xffffn);

export const address: fc.Arbitrary<Address> = fc.oneof(ipv4, ipv6);

export const prefix: fc.Arbitrary<Prefix> = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })).map(([given, length]) => prefixOf(given, length)),
  fc
    .tuple(ipv6, fc.integer({ min: 0, max: 128 }))
    .map(([given, length]) => prefixOf(given, length))
    .filter(({ value }) => value >> 32n !== 0xffffn),
);
