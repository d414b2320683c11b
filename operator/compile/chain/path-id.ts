// SPDX-License-Identifier: Apache-2.0
import { LARGEST_ID } from '../../../api/context/context.ts';

/** A chain as the holder of a path id. */
export interface PathClaim {
  readonly key: string;
  readonly createdAt: string;
}

/**
 * The first free path id from `start` on; the search wraps round at the end. A random start makes it unlikely that
 * the id of a deleted chain is reused at once. A node that is late would otherwise take packets of the new chain for
 * packets of the old one.
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

/** Whether a chain keeps its id when other chains claim the same id. The oldest chain keeps it; the key breaks ties. */
export function keepsPathId(own: PathClaim, rivals: readonly PathClaim[]): boolean {
  return rivals.every((rival) => compareClaims(own, rival) <= 0);
}

function compareClaims(a: PathClaim, b: PathClaim): number {
  return compareText(a.createdAt, b.createdAt) || compareText(a.key, b.key);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
