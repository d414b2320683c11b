// SPDX-License-Identifier: Apache-2.0
/** Most bytes that one call of the kernel's process writes: it takes a few milliseconds, and an urgent write waits for it. */
const MOST_BYTES = 512 * 1024;
/** Most keys that one call deletes: each deletion is a system call. */
const MOST_KEYS = 2048;

/** Pieces of a long list of entries, each small enough that an urgent write can wait for it. */
export function* chunksOfEntries<T extends readonly [string, Uint8Array]>(
  entries: readonly T[],
): Generator<readonly T[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, [key, value]] of entries.entries()) {
    const size = key.length + value.length;
    if (index > start && bytes + size > MOST_BYTES) {
      yield entries.slice(start, index);
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < entries.length) yield entries.slice(start);
}

export function* chunksOfKeys(keys: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < keys.length; start += MOST_KEYS) yield keys.slice(start, start + MOST_KEYS);
}
