// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** A backend, and its share of flows beside the others' weights. */
export interface Member {
  readonly address: string;
  /** Over 0. */
  readonly weight: number;
}

/**
 * A prime, as Maglev asks for, and so large that of a thousand backends each has its share within two per cent, and
 * that one of them that goes moves less than one per cent of the others' slots.
 */
export const SLOTS = 65_537;
/** A prime too: of those alone who take flows. */
export const SPARE_SLOTS = 2039;

/**
 * Maglev's table (Eisenbud and others, NSDI 2016, section 3.4): backends take turns, each at the next free slot of its
 * own permutation, as often as its weight says. Every instance comes to the same table, whatever the order of
 * `members`; one that comes or goes moves about its own share of the slots.
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

/** Where a backend begins and how it goes on: their number is a prime, so every skip comes round all slots. */
function permutationOf(address: string, slots: number): { at: number; readonly skip: number } {
  const hash = createHash('sha256').update(address).digest();
  return { at: hash.readUInt32BE(0) % slots, skip: (hash.readUInt32BE(4) % (slots - 1)) + 1 };
}
