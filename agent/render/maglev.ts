// SPDX-License-Identifier: Apache-2.0
import { hashNumber } from './flow.ts';
import { TABLE_SIZE, TABLE_SLOTS } from './generated/layout.ts';

/** An instance that takes new flows, with its weight relative to the others. */
export interface Member {
  readonly id: number;
  /** Greater than 0. */
  readonly weight: number;
}

const OFFSET_SEED = 0x48656464;
const SKIP_SEED = 0x6c652121;

/**
 * Renders a Maglev table (Eisenbud and others, NSDI 2016, section 3.4): instances take turns, each at the next free slot of
 * its own permutation, as often as its weight says. Every node gets the same table, for any order of `members`. An instance
 * that is added or removed changes about its own share of the slots.
 * @returns TABLE_SLOTS instance ids, then the first ones again up to TABLE_SIZE
 */
export function renderMaglevTable(members: readonly Member[]): readonly number[] {
  const table = new Uint16Array(TABLE_SIZE);
  const most = Math.max(...members.map(({ weight }) => weight));
  const turns = [...members]
    .sort((a, b) => a.id - b.id)
    .map(({ id, weight }) => ({ id, weight, due: most, slots: permutation(id) }));
  for (let round = 1, filled = 0; filled < TABLE_SLOTS; round++) {
    for (const turn of turns) {
      if (filled === TABLE_SLOTS || round * turn.weight < turn.due) continue;
      turn.due += most;
      table[nextFree(turn.slots, table)] = turn.id;
      filled += 1;
    }
  }
  table.copyWithin(TABLE_SLOTS, 0, TABLE_SIZE - TABLE_SLOTS);
  return Array.from(table);
}

/** A permutation of all slots: TABLE_SLOTS is a prime, so every skip reaches each slot once. */
function* permutation(id: number): Generator<number, never> {
  const skip = (hashNumber(id, SKIP_SEED) % (TABLE_SLOTS - 1)) + 1;
  for (let slot = hashNumber(id, OFFSET_SEED) % TABLE_SLOTS; ; slot = (slot + skip) % TABLE_SLOTS) yield slot;
}

/** The mark of an empty slot: ids are greater than 0. */
function nextFree(slots: Generator<number, never>, table: Uint16Array): number {
  for (;;) {
    const slot = slots.next().value;
    if (table[slot] === 0) return slot;
  }
}
