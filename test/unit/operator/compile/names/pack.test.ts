// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Packed, pack } from '../../../../../operator/compile/names/pack.ts';

interface Item {
  readonly key: string;
  readonly ready: boolean;
}

const MOST = 5;
const item = (key: number, ready = true): Item => ({ key: String(key), ready });

function repack(wanted: readonly Item[], stored: readonly Packed<Item>[], most = MOST) {
  return pack({
    wanted,
    stored,
    most,
    keyOf: ({ key }) => key,
    same: (a, b) => a.key === b.key && a.ready === b.ready,
  });
}

/** The numbers of the slices that are written or deleted to come from one state to the other. */
function rewritten(before: readonly Packed<Item>[], after: readonly Packed<Item>[]): readonly number[] {
  const textOf = (slices: readonly Packed<Item>[]) =>
    new Map(slices.map(({ index, items }) => [index, JSON.stringify(items)]));
  const [old, now] = [textOf(before), textOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((index) => old.get(index) !== now.get(index));
}

const keysOf = (slices: readonly Packed<Item>[]): readonly string[] =>
  slices.flatMap(({ items }) => items.map(({ key }) => key)).sort();

test('1,000 endpoints are ten slices of 100, and one change rewrites one of them', () => {
  const all = Array.from({ length: 1000 }, (_, key) => item(key));
  const slices = repack(all, [], 100);
  expect(slices.map(({ items }) => items.length)).toEqual(Array.from({ length: 10 }, () => 100));
  const unready = all.map((each, at) => (at === 345 ? { ...each, ready: false } : each));
  expect(rewritten(slices, repack(unready, slices, 100))).toEqual([3]);
  const gone = all.filter((_, at) => at !== 345);
  const after = repack(gone, slices, 100);
  expect(rewritten(slices, after)).toEqual([3]);
  expect(rewritten(after, repack([...gone, item(2000)], after, 100))).toEqual([3]);
  expect(rewritten(slices, repack([...all, item(2000)], slices, 100))).toEqual([10]);
});

test('a pod that is replaced takes the place of the former one', () => {
  const slices = repack(
    [0, 1, 2, 3, 4, 5, 6].map((key) => item(key)),
    [],
  );
  expect(
    rewritten(
      slices,
      repack(
        [0, 1, 3, 4, 5, 6, 9].map((key) => item(key)),
        slices,
      ),
    ),
  ).toEqual([0]);
});

test('an item that two slices have stays in the first one', () => {
  const stored = [
    { index: 0, items: [item(1), item(2)] },
    { index: 3, items: [item(2), item(3)] },
  ];
  expect(repack([item(1), item(2), item(3)], stored)).toEqual([
    { index: 0, items: [item(1), item(2)] },
    { index: 3, items: [item(3)] },
  ]);
});

test('a slice with more items than it may have gives some away', () => {
  const stored = [{ index: 0, items: [0, 1, 2, 3, 4, 5, 6].map((key) => item(key)) }];
  const slices = repack(stored[0]!.items, stored);
  expect(slices.map(({ items }) => items.length)).toEqual([5, 2]);
});

// Any history of single changes: an item comes, goes or changes.
const histories = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.boolean()), { maxLength: 120 });

test('after any history of single changes each change rewrites at most one slice, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), histories, (start, history) => {
      const items = new Map(Array.from({ length: start }, (_, key) => [String(key), item(key)]));
      let slices = repack([...items.values()], []);
      for (const [key, toggles] of history) {
        const before = items.get(String(key));
        if (!before) items.set(String(key), item(key));
        else if (toggles) items.set(String(key), item(key, !before.ready));
        else items.delete(String(key));
        const next = repack([...items.values()], slices);
        expect(rewritten(slices, next).length).toBeLessThanOrEqual(1);
        slices = next;
        expect(keysOf(slices)).toEqual([...items.keys()].sort());
        for (const { items: each } of slices) {
          expect(each.length).toBeGreaterThan(0);
          expect(each.length).toBeLessThanOrEqual(MOST);
        }
      }
    }),
  );
});

test('what did not change is not written again', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 60 }), (keys) => {
      const wanted = keys.map((key) => item(key));
      const slices = repack(wanted, []);
      expect(rewritten(slices, repack(wanted.toReversed(), slices))).toEqual([]);
    }),
  );
});
