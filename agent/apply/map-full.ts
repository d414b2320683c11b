// SPDX-License-Identifier: Apache-2.0
import { KernelError } from '../kernel/error.ts';
import type { BpfMapName } from '../render/generated/layout.ts';

/** The kernel's errors when a map is full, or when there is no memory for another entry. */
const NO_ROOM: ReadonlySet<string> = new Set(['E2BIG', 'ENOSPC', 'ENOMEM']);

/** The error that a map has no room for an entry. The entries that it has stay in use. */
export class MapFullError extends Error {
  readonly map: BpfMapName;

  constructor(map: BpfMapName, cause: KernelError) {
    super(`the map ${map} has no room: ${cause.message}`, { cause });
    this.name = 'MapFullError';
    this.map = map;
  }
}

/** Turns the error of a failed write into a MapFullError if the map is full; returns other errors unchanged. */
export function namedWriteError(map: BpfMapName, error: unknown): unknown {
  const isFull = error instanceof KernelError && error.code !== undefined && NO_ROOM.has(error.code);
  return isFull ? new MapFullError(map, error) : error;
}
