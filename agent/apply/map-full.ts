// SPDX-License-Identifier: Apache-2.0
import { KernelError } from '../kernel/error.ts';
import type { BpfMapName } from '../render/generated/layout.ts';

/** What the kernel says when a map has its most entries, or there is no memory for one more. */
const NO_ROOM: ReadonlySet<string> = new Set(['E2BIG', 'ENOSPC', 'ENOMEM']);

/** A map has no room for what was to be written: the data path goes on with what it holds. */
export class MapFullError extends Error {
  readonly map: BpfMapName;

  constructor(map: BpfMapName, cause: KernelError) {
    super(`the map ${map} has no room: ${cause.message}`, { cause });
    this.name = 'MapFullError';
    this.map = map;
  }
}

/** The error that a failed write of a map is passed on as. */
export function namedWriteError(map: BpfMapName, error: unknown): unknown {
  const isFull = error instanceof KernelError && error.code !== undefined && NO_ROOM.has(error.code);
  return isFull ? new MapFullError(map, error) : error;
}
