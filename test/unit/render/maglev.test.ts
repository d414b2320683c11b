import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TABLE_SIZE, TABLE_SLOTS } from '../../../agent/render/generated/layout.ts';
import { type Member, renderMaglevTable } from '../../../agent/render/maglev.ts';

const members = fc
  .uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 2, maxLength: 20 })
  .map((ids) => ids.map((id): Member => ({ id, weight: 100 })));

function shares(table: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const id of table.slice(0, TABLE_SLOTS)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
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

  test('moves few slots of the others when one instance of many goes', () => {
    fc.assert(
      fc.property(members, (list) => {
        const before = renderMaglevTable(list);
        const [gone, ...rest] = list;
        const after = renderMaglevTable(rest);
        const moved = before
          .slice(0, TABLE_SLOTS)
          .filter((id, slot) => id !== gone!.id && after[slot] !== id).length;
        // Maglev is not a perfect hash: its paper shows a few percent; what counts is that it is far from all.
        expect(moved / TABLE_SLOTS).toBeLessThan(0.2);
      }),
      { numRuns: 50 },
    );
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
