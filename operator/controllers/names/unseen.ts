// SPDX-License-Identifier: Apache-2.0
import type { Key } from '../../../api/key.ts';
import type { KubeObject } from '../../../kube/object.ts';

/** How long a write that the watch does not show is waited for. Then somebody has undone it before the watch saw it. */
const PATIENCE_MS = 10_000;

interface Writes {
  /** Name -> version that the store had when it was written; undefined: it had none. */
  readonly before: ReadonlyMap<string, string | undefined>;
  readonly at: number;
}

/**
 * Unseen remembers what was written for each Service, until the store shows it. Which slice a new endpoint goes into is
 * decided by what the slices have; a pass that does not see its own last writes would move endpoints for nothing.
 */
export class Unseen {
  readonly #writes = new Map<Key, Writes>();

  /** Remembers the names that a pass has written, with what the store had at its beginning. */
  note(key: Key, names: readonly string[], stored: readonly KubeObject[], now: number): void {
    if (names.length === 0) return;
    const versions = versionsOf(stored);
    this.#writes.set(key, { before: new Map(names.map((name) => [name, versions.get(name)])), at: now });
  }

  /** The time for which a pass must wait for the store; 0: it is up to date. A change of the store wakes it earlier. */
  waitFor(key: Key, stored: readonly KubeObject[], now: number): number {
    const writes = this.#writes.get(key);
    if (!writes) return 0;
    const versions = versionsOf(stored);
    const isBehind = [...writes.before].some(([name, version]) => versions.get(name) === version);
    const left = writes.at + PATIENCE_MS - now;
    if (isBehind && left > 0) return left;
    this.#writes.delete(key);
    return 0;
  }

  forget(key: Key): void {
    this.#writes.delete(key);
  }
}

function versionsOf(stored: readonly KubeObject[]): ReadonlyMap<string, string | undefined> {
  return new Map(stored.map(({ metadata }) => [metadata?.name ?? '', metadata?.resourceVersion]));
}
