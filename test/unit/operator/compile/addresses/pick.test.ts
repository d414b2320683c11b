// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePrefix } from '../../../../../api/net/prefix.ts';
import { Occupancy } from '../../../../../operator/compile/addresses/occupancy.ts';
import { pickAddress } from '../../../../../operator/compile/addresses/pick.ts';
import { capacity, compilePool, type Pool } from '../../../../../operator/compile/addresses/pool.ts';

const BASE = 0x0a14_0000n; // 10.20.0.0

function pool4(prefixLength: number, reserved: readonly [number, number][] = []): Pool {
  return compilePool(
    parsePrefix(`10.20.0.0/${prefixLength}`),
    reserved.map(([a, b]) => ({ family: 4, first: BASE + BigInt(a), last: BASE + BigInt(b) })),
  );
}

function drain(pool: Pool): number[] {
  const taken = new Occupancy();
  const given: number[] = [];
  let recent: bigint | undefined;
  for (;;) {
    recent = pickAddress({ pool, taken, recent });
    if (recent === undefined) return given;
    taken.add(recent);
    given.push(Number(recent - pool.subnet.first));
  }
}

describe('an allocated address', () => {
  test.each([
    [32, [0]],
    [31, [0, 1]],
    [30, [1, 2]],
    [29, [1, 2, 3, 4, 5, 6]],
  ])('of an IPv4 /%i is never the network or the broadcast address', (length, expected) => {
    expect(drain(pool4(length))).toEqual(expected);
  });

  test.each([
    [128, [0]],
    [127, [0, 1]],
    [126, [1, 2, 3]],
  ])('of an IPv6 /%i is never the subnet-router anycast address', (prefixLength, expected) => {
    const pool = compilePool(parsePrefix(`fd20::/${prefixLength}`), []);
    expect(drain(pool)).toEqual(expected);
  });

  test('follows the last allocated address, so that a freed address is allocated again as late as possible', () => {
    const pool = pool4(29);
    const taken = new Occupancy();
    for (const offset of [1n, 2n, 3n]) taken.add(BASE + offset);
    taken.remove(BASE + 2n);
    const order: bigint[] = [];
    for (let recent: bigint | undefined = BASE + 3n; ; ) {
      recent = pickAddress({ pool, taken, recent });
      if (recent === undefined) break;
      taken.add(recent);
      order.push(recent - BASE);
    }
    expect(order).toEqual([4n, 5n, 6n, 2n]);
  });

  test('is found at once in a huge IPv6 subnet whose reserved range is huge too', () => {
    const base = 0xfd20n << 112n;
    const reserved = [{ family: 6 as const, first: base, last: base + (1n << 63n) }];
    const pool = compilePool(parsePrefix('fd20::/64'), reserved);
    expect(pickAddress({ pool, taken: new Occupancy(), recent: undefined })).toBe(base + (1n << 63n) + 1n);
  });
});

describe('any history of allocations and releases', () => {
  const ranges = fc.array(fc.tuple(fc.nat(300), fc.nat(40)), { maxLength: 6 });
  const steps = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, fc.nat(300)), {
    maxLength: 600,
  });

  test('never gives an address twice, nor a reserved, network or broadcast address, and gives all others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 23, max: 32 }), ranges, steps, (prefixLength, lengths, history) => {
        const reserved = lengths.map(([start, length]): [number, number] => [start, start + length]);
        const pool = pool4(prefixLength, reserved);
        const forbidden = (n: number): boolean =>
          reserved.some(([a, b]) => n >= a && n <= b) ||
          (prefixLength < 31 && (n === 0 || n === 2 ** (32 - prefixLength) - 1));
        const model = new Set<number>();
        const taken = new Occupancy();
        let recent: bigint | undefined;
        for (const step of history) {
          if (step >= 0) {
            taken.remove(BASE + BigInt(step));
            model.delete(step);
            continue;
          }
          const given = pickAddress({ pool, taken, recent });
          if (given === undefined) {
            expect(BigInt(model.size)).toBe(capacity(pool));
            continue;
          }
          const offset = Number(given - BASE);
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset).toBeLessThan(2 ** (32 - prefixLength));
          expect(forbidden(offset)).toBe(false);
          expect(model.has(offset)).toBe(false);
          model.add(offset);
          taken.add(given);
          recent = given;
        }
        expect(taken.count(pool.subnet.first, pool.subnet.last)).toBe(model.size);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the bitmap', () => {
  test('agrees with a set in all that it can be asked', () => {
    const value = fc.integer({ min: 0, max: 1100 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), value)), value, value, (history, a, b) => {
        const bitmap = new Occupancy();
        const set = new Set<number>();
        for (const [add, n] of history) {
          if (add) bitmap.add(BigInt(n));
          else bitmap.remove(BigInt(n));
          if (add) set.add(n);
          else set.delete(n);
        }
        const [first, last] = a < b ? [a, b] : [b, a];
        const span = Array.from({ length: last - first + 1 }, (_, i) => first + i);
        const free = span.find((n) => !set.has(n));
        expect(bitmap.firstFree(BigInt(first), BigInt(last))).toBe(
          free === undefined ? undefined : BigInt(free),
        );
        expect(bitmap.count(BigInt(first), BigInt(last))).toBe(span.filter((n) => set.has(n)).length);
        expect(span.every((n) => bitmap.has(BigInt(n)) === set.has(n))).toBe(true);
      }),
    );
  });
});
