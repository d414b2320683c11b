// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { renderIds } from '../../../../functions/loadbalancer/ids.ts';
import { type Member, renderSlots, SLOTS } from '../../../../functions/loadbalancer/slots.ts';

const members = (count: number, weight = 100): Member[] =>
  Array.from({ length: count }, (_, i) => ({ address: `10.20.${i >> 8}.${i & 255}`, weight }));

/** The address that each slot leads to. */
const owners = (list: readonly Member[]): readonly string[] =>
  Array.from(renderSlots(list), (index) => list[index]!.address);

const shares = (list: readonly Member[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const owner of owners(list)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return counts;
};

describe('the table of slots', () => {
  test.each([2, 10, 100, 1000])('gives each of %i backends its share within two per cent', (count) => {
    const counts = [...shares(members(count)).values()];
    expect(counts).toHaveLength(count);
    expect(Math.max(...counts) / (SLOTS / count)).toBeLessThan(1.02);
    expect(Math.min(...counts) / (SLOTS / count)).toBeGreaterThan(0.98);
  });

  test('gives shares by weight', () => {
    const counts = shares([
      { address: '10.0.0.1', weight: 256 },
      { address: '10.0.0.2', weight: 64 },
    ]);
    expect(counts.get('10.0.0.1')! / counts.get('10.0.0.2')!).toBeCloseTo(4, 1);
  });

  test('is the same whatever the order in which an instance heard of the backends', () => {
    const list = members(50);
    expect(owners([...list].reverse())).toEqual(owners(list));
  });

  test.each([3, 10, 100, 300, 1000])(
    'moves at most one per cent of the others when one of %i goes',
    (count) => {
      const list = members(count);
      const before = owners(list);
      for (const gone of [0, 1, count - 1]) {
        const after = owners(list.filter((_, index) => index !== gone));
        const others = before.flatMap((owner, slot) => (owner === list[gone]!.address ? [] : [slot]));
        const moved = others.filter((slot) => before[slot] !== after[slot]);
        expect(moved.length / others.length).toBeLessThan(0.01);
      }
    },
  );

  // During an upgrade, instances of two releases take packets of one flow.
  test('is the same in every release', () => {
    const list = [50, 25, 100].map((weight, at) => ({ address: `10.0.0.${at + 1}`, weight }));
    expect([...renderSlots(list, 23)]).toEqual([
      2, 2, 2, 0, 1, 2, 2, 2, 0, 2, 2, 1, 0, 2, 1, 2, 0, 2, 0, 2, 0, 2, 0,
    ]);
  });

  test('is empty without backends', () => {
    expect(renderSlots([])).toHaveLength(0);
  });
});

describe('the numbers of backends', () => {
  test('are their own, over those of slots, and the same on all instances', () => {
    const addresses = members(1000)
      .map(({ address }) => address)
      .concat(Array.from({ length: 1000 }, (_, i) => `fd20::${i.toString(16)}`))
      .filter((address) => address !== '10.20.0.0');
    const ids = renderIds(addresses);
    expect(new Set(ids.values()).size).toBe(addresses.length);
    expect(Math.min(...ids.values())).toBeGreaterThan(SLOTS);
    expect(renderIds([...addresses].reverse())).toEqual(ids);
  });
});
