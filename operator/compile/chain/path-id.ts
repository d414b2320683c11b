// SPDX-License-Identifier: Apache-2.0
import { LARGEST_ID } from '../../../api/context/context.ts';

/** What a chain says about the path id that it holds. */
export interface PathClaim {
  readonly key: string;
  readonly createdAt: string;
}

/**
 * The first free path id from `start` on, round the end. A random start lets an id rest after its chain is
 * gone, so that a node that is late does not take the new chain's packets for the old one's.
 */
export function allocatePathId(options: {
  readonly isTaken: (id: number) => boolean;
  readonly start: number;
}): number | undefined {
  for (let step = 0; step < LARGEST_ID; step++) {
    const id = ((options.start - 1 + step) % LARGEST_ID) + 1;
    if (!options.isTaken(id)) return id;
  }
  return undefined;
}

/** Whether a chain keeps its id beside others that claim the same one: the oldest does, ties go to the key. */
export function keepsPathId(own: PathClaim, rivals: readonly PathClaim[]): boolean {
  return rivals.every((rival) => compareClaims(own, rival) <= 0);
}

function compareClaims(a: PathClaim, b: PathClaim): number {
  return compareText(a.createdAt, b.createdAt) || compareText(a.key, b.key);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
