// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** A backend, and its weight among those of the others. */
export interface Member {
  readonly address: string;
  /** Greater than 0. */
  readonly weight: number;
}

/**
 * The number of slots of the large table. It is a prime, as Maglev requires. It is so large that each of a thousand
 * backends gets its share within two per cent, and that the removal of one moves less than one per cent of the others'
 * slots.
 */
export const SLOTS = 65_537;
/** The number of slots of the small table, which has only the backends that take flows. It is a prime too. */
export const SPARE_SLOTS = 2039;

/**
 * Maglev's table (Eisenbud and others, NSDI 2016, section 3.4): backends take turns, as often as their weight says, and
 * each takes the next free slot of its own permutation. Every instance computes the same table, whatever the order of
 * `members`. A member that is added or removed moves about its own share of the slots.
 * @returns for each slot the index of its member in `members`; empty without members
 */
export function renderSlots(members: readonly Member[], slots = SLOTS): Uint16Array {
  if (members.length === 0) return new Uint16Array(0);
  const table = new Uint16Array(slots).fill(FREE);
  const most = Math.max(...members.map(({ weight }) => weight));
  const turns = members
    .map((member, index) => ({ ...member, index, due: most, ...permutationOf(member.address, slots) }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  for (let round = 1, filled = 0; filled < slots; round++) {
    for (const turn of turns) {
      if (filled === slots || round * turn.weight < turn.due) continue;
      turn.due += most;
      while (table[turn.at] !== FREE) turn.at = (turn.at + turn.skip) % slots;
      table[turn.at] = turn.index;
      filled += 1;
    }
  }
  return table;
}

const FREE = 0xffff;

/**
 * The first slot and the step of a backend's permutation. The number of slots is a prime, so every step reaches all
 * slots.
 */
function permutationOf(address: string, slots: number): { at: number; readonly skip: number } {
  const hash = createHash('sha256').update(address).digest();
  return { at: hash.readUInt32BE(0) % slots, skip: (hash.readUInt32BE(4) % (slots - 1)) + 1 };
}
