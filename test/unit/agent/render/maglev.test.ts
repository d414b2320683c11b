// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TABLE_SIZE, TABLE_SLOTS } from '../../../../agent/render/generated/layout.ts';
import { type Member, renderMaglevTable } from '../../../../agent/render/maglev.ts';

const members = fc
  .uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 2, maxLength: 20 })
  .map((ids) => ids.map((id): Member => ({ id, weight: 100 })));

function shares(table: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const id of table.slice(0, TABLE_SLOTS)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** Share of all slots that were others' and changed hands when the first instance left. */
function movedByLeaving(list: readonly Member[]): number {
  const [gone, ...rest] = list;
  const after = renderMaglevTable(rest);
  const others = renderMaglevTable(list)
    .slice(0, TABLE_SLOTS)
    .filter((id, slot) => id !== gone!.id && after[slot] !== id);
  return others.length / TABLE_SLOTS;
}

describe('the table that spreads new flows', () => {
  test('gives every instance its fair share of slots, to within one', () => {
    fc.assert(
      fc.property(members, (list) => {
        const fair = TABLE_SLOTS / list.length;
        for (const { id } of list) {
          const share = shares(renderMaglevTable(list)).get(id) ?? 0;
          expect(Math.abs(share - fair)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('gives shares in the ratio of the weights', () => {
    const table = renderMaglevTable([
      { id: 1, weight: 100 },
      { id: 2, weight: 50 },
      { id: 3, weight: 1 },
    ]);
    const counts = shares(table);
    expect(counts.get(1)! / counts.get(2)!).toBeCloseTo(2, 1);
    expect(counts.get(3)! / TABLE_SLOTS).toBeCloseTo(1 / 151, 2);
    expect(counts.get(3)).toBeGreaterThan(0);
  });

  test('is the same whatever order the instances are named in', () => {
    fc.assert(
      fc.property(members, (list) => {
        expect(renderMaglevTable([...list].reverse())).toEqual(renderMaglevTable(list));
      }),
      { numRuns: 20 },
    );
  });

  // During an upgrade, nodes with agents of two releases choose an instance for one flow.
  test('is the same in every release', () => {
    const table = renderMaglevTable([
      { id: 3, weight: 50 },
      { id: 1, weight: 25 },
      { id: 70, weight: 100 },
    ]);
    const digest = createHash('sha256').update(Uint16Array.from(table)).digest('hex');
    expect(digest).toBe('90544e1a998dcf1465c36c49708b90577e5be68dd10828c0b1113bcf832e7772');
  });

  // Two instances whose permutations are nearly the same shadow each other: a set in 100,000 moves a fifth of its slots.
  // So this is asked of many sets together, and of the same ones each time.
  test('moves few slots of the others when one instance of many goes', () => {
    const moved = fc.sample(members, { numRuns: 200, seed: 2016 }).map(movedByLeaving);
    moved.sort((a, b) => a - b);
    expect(moved[100]).toBeLessThan(0.025);
    expect(moved[190]).toBeLessThan(0.05);
  });

  test('has no empty slot, and its first slots again behind the last', () => {
    const table = renderMaglevTable([
      { id: 7, weight: 1 },
      { id: 9, weight: 256 },
    ]);
    expect(table).toHaveLength(TABLE_SIZE);
    expect(table.every((id) => id === 7 || id === 9)).toBe(true);
    expect(table.slice(TABLE_SLOTS)).toEqual(table.slice(0, TABLE_SIZE - TABLE_SLOTS));
  });
});
