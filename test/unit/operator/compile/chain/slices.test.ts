// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packSlices, SLICE_CAPACITY, type SliceEnds } from '../../../../../operator/compile/chain/slices.ts';

const address = (n: number) => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
const ends = (from: Iterable<number>, to: Iterable<number> = []): SliceEnds => ({
  from: { any: false, cidrs: [], addresses: [...from].map(address) },
  to: { any: false, cidrs: [], addresses: [...to].map(address) },
});
const range = (count: number, start = 0) => Array.from({ length: count }, (_, i) => start + i);
const entriesOf = (slices: readonly SliceEnds[]) =>
  slices
    .flatMap((s) => [...s.from.addresses.map((a) => `from ${a}`), ...s.to.addresses.map((a) => `to ${a}`)])
    .sort();
const sizes = (slices: readonly SliceEnds[]) => slices.map(({ from }) => from.addresses.length);
const changed = (before: readonly SliceEnds[], after: readonly SliceEnds[]) =>
  after.filter((slice, i) => JSON.stringify(slice) !== JSON.stringify(before[i])).length;

describe('slices of a chain', () => {
  test('have every entry once and at most 300, whatever was there before', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 2000 }), { maxLength: 900, size: 'max' });
    fc.assert(
      fc.property(numbers, numbers, numbers, (first, from, to) => {
        const slices = packSlices(ends(from, to), packSlices(ends(first), []));
        const wanted = ends(from, to);
        expect(entriesOf(slices)).toEqual(entriesOf([wanted]));
        for (const slice of slices) {
          expect(slice.from.addresses.length + slice.to.addresses.length).toBeLessThanOrEqual(SLICE_CAPACITY);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('are the same for the same entries in another order', () => {
    expect(packSlices(ends(range(700).reverse()), [])).toEqual(packSlices(ends(range(700)), []));
  });

  test('have their entries in one order, whenever these came', () => {
    const before = packSlices(ends([2, 4]), []);
    expect(packSlices(ends([1, 2, 3, 4]), before)).toEqual([ends([1, 2, 3, 4])]);
  });

  test('are cut to what one may have when they were stored with more', () => {
    const slices = packSlices(ends(range(400)), [ends(range(400))]);
    expect(sizes(slices)).toEqual([300, 100]);
  });

  test('have each range with its own exceptions, and follow an edit of these alone', () => {
    const cidr = '10.20.0.0/16';
    const blocks = (...cidrs: SliceEnds['from']['cidrs']): SliceEnds => ({
      from: { any: false, cidrs, addresses: [] },
      to: { any: true, cidrs: [], addresses: [] },
    });
    const both = blocks({ cidr }, { cidr, except: ['10.20.1.0/24'] });
    const before = packSlices(both, []);
    expect(before).toEqual([both]);
    const edited = blocks({ cidr, except: ['10.20.2.0/24'] });
    expect(packSlices(edited, before)).toEqual([edited]);
  });

  test('of one end that names everything say so in each, and keep the ends apart', () => {
    const all: SliceEnds = { ...ends(range(301)), to: { any: true, cidrs: [], addresses: [] } };
    const packed = packSlices(all, []);
    expect(packed.map(({ from, to }) => [from.any, to.any])).toEqual([
      [false, true],
      [false, true],
    ]);
    const behind = { any: false, cidrs: [{ cidr: '10.9.0.0/16' }], addresses: ['10.0.0.1'] };
    const [only] = packSlices({ ...ends([1], [1]), behind }, []);
    expect(only).toEqual({ ...ends([1], [1]), behind });
  });

  test('are left as they are when nothing changed', () => {
    const before = packSlices(ends(range(1000)), []);
    expect(packSlices(ends(range(1000)), before)).toEqual(before);
  });

  test('one pod more rewrites one slice', () => {
    const before = packSlices(ends(range(1000)), []);
    expect(changed(before, packSlices(ends(range(1001)), before))).toBe(1);
  });

  test('one pod less rewrites one slice', () => {
    const before = packSlices(ends(range(1000)), []);
    const after = packSlices(ends(range(1000).filter((n) => n !== 450)), before);
    expect(changed(before, after)).toBe(1);
  });

  test('a pod that takes the place of another rewrites the slice of the other', () => {
    const before = packSlices(ends(range(1000)), []);
    const after = packSlices(ends([...range(1000).filter((n) => n !== 450), 5000]), before);
    expect(changed(before, after)).toBe(1);
    expect(after).toHaveLength(before.length);
  });

  test('that change anyway take new entries before others that have room', () => {
    const stored = [ends(range(100)), ends(range(300, 1000)), ends(range(100, 2000))];
    const wanted = [...range(100), ...range(300, 1000).slice(1), ...range(100, 2000), 5000];
    const after = packSlices(ends(wanted), stored);
    expect(sizes(after)).toEqual([100, 300, 100]);
  });

  test('take new entries in their order when several have room', () => {
    const stored = [ends(range(299)), ends(range(299, 1000)), ends(range(100, 2000))];
    const wanted = [...range(299), ...range(299, 1000), ...range(100, 2000), 5000];
    const after = packSlices(ends(wanted), stored);
    expect(sizes(after)).toEqual([300, 299, 100]);
  });

  test('end with one that has an entry', () => {
    const before = packSlices(ends(range(601)), []);
    expect(sizes(before)).toEqual([300, 300, 1]);
    const last = before[2]!.from.addresses[0]!;
    const left = range(601).filter((n) => address(n) !== last);
    expect(packSlices(ends(left), before)).toEqual(before.slice(0, 2));
  });

  test('are the same objects for the same ends and stored slices, and follow a change of either', () => {
    const wanted = ends(range(400));
    const stored = [ends(range(300)), ends(range(100, 300))];
    const first = packSlices(wanted, stored);
    expect(packSlices({ ...wanted }, [...stored])).toBe(first);
    const moved = [ends(range(100)), stored[1]!];
    expect(sizes(packSlices(wanted, moved))).toEqual([300, 100]);
    expect(sizes(packSlices(wanted, [stored[0]!, ends(range(50, 300))]))).toEqual([300, 100]);
    expect(packSlices(wanted, stored)).toEqual(first);
    expect(packSlices(wanted, stored.slice(0, 1))).toHaveLength(2);
    expect(packSlices(wanted, [...stored, ends([7])])).toHaveLength(2);
    const to = ends([], [1]).to;
    expect(
      packSlices({ ...wanted, to }, [...stored, ends([7])]).some((slice) => slice.to.addresses.length > 0),
    ).toBe(true);
    const behind = { any: false, cidrs: [], addresses: ['10.0.0.1'] };
    expect(packSlices({ ...wanted, to, behind }, [...stored, ends([7])]).every((slice) => slice.behind)).toBe(
      true,
    );
  });

  test('there is always a first one, even of nothing', () => {
    expect(packSlices(ends([]), packSlices(ends(range(1000)), []))).toEqual([ends([])]);
  });

  test('that have become nearly empty are packed anew', () => {
    const before = packSlices(ends(range(3000)), []);
    const sparse = range(3000).filter((n) => n % 300 === 0);
    expect(before).toHaveLength(10);
    expect(packSlices(ends(sparse), before)).toHaveLength(1);
  });

  test('stay while they are at most twice as many as needed, and one more', () => {
    const three = [ends([1]), ends([2]), ends([3])];
    expect(packSlices(ends([1, 2, 3]), three)).toEqual(three);
    expect(packSlices(ends([1, 2, 3, 4]), [...three, ends([4])])).toEqual([ends([1, 2, 3, 4])]);
  });
});
