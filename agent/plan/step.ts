// SPDX-License-Identifier: Apache-2.0
import type { BpfMapName } from '../render/generated/layout.ts';

/** A key and its value, the key by `bytesKey`. */
export type Entry = readonly [string, Uint8Array];

/** A batch of writes to one map. Steps are carried out in order; a step is idempotent. */
export type Step =
  | { readonly op: 'update'; readonly map: BpfMapName; readonly entries: readonly Entry[] }
  | { readonly op: 'delete'; readonly map: BpfMapName; readonly keys: readonly string[] };

/** The keys that a network holds in each map after its plan was carried out. */
export type Holdings = ReadonlyMap<BpfMapName, ReadonlySet<string>>;

export function update(map: BpfMapName, entries: readonly Entry[]): Step {
  return { op: 'update', map, entries };
}

export function isNotEmpty(step: Step): boolean {
  return step.op === 'update' ? step.entries.length > 0 : step.keys.length > 0;
}

export function sameBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}
