// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddress } from '../../../../../api/net/address.ts';
import { parsePrefix } from '../../../../../api/net/prefix.ts';
import { rangeOf } from '../../../../../api/net/range.ts';
import { measureLeftovers } from '../../../../../operator/compile/addresses/leftovers.ts';
import { Occupancy } from '../../../../../operator/compile/addresses/occupancy.ts';
import { compilePool } from '../../../../../operator/compile/addresses/pool.ts';
import { measureUsage } from '../../../../../operator/compile/addresses/usage.ts';
import { seed } from '../../../../support/seed.ts';

function occupy(addresses: readonly string[]) {
  const occupancy = new Occupancy();
  for (const address of addresses) occupancy.add(parseAddress(address).value);
  return occupancy;
}

/** The subnets in a status, after an edit to `now` of a network whose status had `before`. */
function subnetsAfter(now: readonly string[], before: readonly string[], addresses: readonly string[]) {
  const occupancy = occupy(addresses);
  const pools = now.map((cidr) => compilePool(parsePrefix(cidr), []));
  const taken = () => occupancy;
  return [
    ...pools.map((pool) => measureUsage(pool, occupancy)),
    ...measureLeftovers({ pools, before, taken }),
  ].map(({ cidr, allocated, available }) => ({ cidr, allocated, free: available > 0 }));
}

test('an enlarged subnet is counted once', () => {
  expect(subnetsAfter(['10.70.0.0/16'], ['10.70.0.0/24'], ['10.70.0.5', '10.70.9.1'])).toEqual([
    { cidr: '10.70.0.0/16', allocated: 2, free: true },
  ]);
});

test('a subnet that was made smaller keeps what its pods have, and gives none of it', () => {
  const addresses = ['10.70.0.5', '10.70.8.7'];
  expect(subnetsAfter(['10.70.8.0/21'], ['10.70.0.0/16'], addresses)).toEqual([
    { cidr: '10.70.8.0/21', allocated: 1, free: true },
    { cidr: '10.70.0.0/16', allocated: 1, free: false },
  ]);
  // Nothing is outside of the new one.
  expect(subnetsAfter(['10.70.8.0/21'], ['10.70.0.0/16'], ['10.70.8.7'])).toHaveLength(1);
});

test('removed subnets that contain each other are both there, each with its own addresses', () => {
  const before = ['10.70.0.0/16', '10.70.1.0/24'];
  expect(subnetsAfter(['10.80.0.0/16'], before, ['10.70.1.5', '10.70.2.5'])).toEqual([
    { cidr: '10.80.0.0/16', allocated: 0, free: true },
    { cidr: '10.70.1.0/24', allocated: 1, free: false },
    { cidr: '10.70.0.0/16', allocated: 1, free: false },
  ]);
  expect(subnetsAfter(['10.80.0.0/16'], before, ['10.70.1.5'])).toHaveLength(2);
});

const cidr = fc
  .tuple(fc.nat(3), fc.constantFrom(24, 25, 26, 28))
  .chain(([third, length]) =>
    fc.nat(2 ** (length - 24) - 1).map((part) => `10.70.${third}.${part * 2 ** (32 - length)}/${length}`),
  );
const subnets = fc
  .array(fc.oneof(cidr, fc.constant('10.70.0.0/22'), fc.constant('10.70.2.0/23')), {
    minLength: 1,
    maxLength: 3,
  })
  .map(withoutOverlaps);

function withoutOverlaps(all: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const each of all) if (!kept.some((other) => meet(each, other))) kept.push(each);
  return kept;
}

function meet(a: string, b: string): boolean {
  const [x, y] = [rangeOf(parsePrefix(a)), rangeOf(parsePrefix(b))];
  return x.first <= y.last && y.first <= x.last;
}

test('after any edits every address that a pod has is in a subnet of the status, and counted once', () => {
  const edits = fc.array(fc.record({ subnets, joins: fc.array(fc.nat(1023), { maxLength: 6 }) }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(edits, (steps) => {
      const addresses = new Set<string>();
      let status: readonly string[] = [];
      for (const step of steps) {
        const ranges = step.subnets.map((text) => rangeOf(parsePrefix(text)));
        for (const number of step.joins) {
          const { value } = parseAddress(`10.70.${number >> 8}.${number & 255}`);
          // Pods get addresses of the subnets as they are now.
          if (ranges.some(({ first, last }) => first < value && value < last))
            addresses.add(`10.70.${number >> 8}.${number & 255}`);
        }
        const after = subnetsAfter(step.subnets, status, [...addresses]);
        status = after.map((each) => each.cidr);
        const listed = status.map((text) => rangeOf(parsePrefix(text)));
        for (const address of addresses) {
          const { value } = parseAddress(address);
          expect(listed.some(({ first, last }) => first <= value && value <= last)).toBe(true);
        }
        expect(after.reduce((sum, { allocated }) => sum + allocated, 0)).toBe(addresses.size);
      }
    }),
    { numRuns: 500, seed },
  );
});
