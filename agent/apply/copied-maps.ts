// SPDX-License-Identifier: Apache-2.0
import type { Kernel } from '../kernel/kernel.ts';
import type { KernelMaps, OwnedMap } from '../plan/shadow.ts';
import type { Entry } from '../plan/step.ts';
import { type BpfMapName, bpfMaps } from '../render/generated/layout.ts';
import { bytesKey, keyBytes } from '../render/keys.ts';
import { chunksOfEntries, chunksOfKeys } from './chunks.ts';
import { type Lane, Lanes } from './lanes.ts';
import { namedWriteError } from './map-full.ts';
import { writeEntries } from './write.ts';

export interface CopiedMapsOptions {
  readonly kernel: Pick<Kernel, 'mapUpdate' | 'mapDelete' | 'mapDump'>;
  /** Where the maps are pinned, one file a map. */
  readonly directory: string;
}

/**
 * Maps of the kernel, each with a copy of its content. One short call of the kernel runs at a time; an urgent write is
 * the next one. The copy is updated after each call, so it is right whenever no call runs.
 */
export class CopiedMaps {
  readonly #kernel: CopiedMapsOptions['kernel'];
  readonly #directory: string;
  readonly #lanes = new Lanes();
  readonly #maps = new Map<BpfMapName, Map<string, Uint8Array>>();

  constructor({ kernel, directory }: CopiedMapsOptions) {
    this.#kernel = kernel;
    this.#directory = directory;
  }

  /** The content of a map; empty before `load`. */
  content(name: OwnedMap): ReadonlyMap<string, Uint8Array> {
    return this.#maps.get(name) ?? new Map();
  }

  contents(): KernelMaps {
    const map = (name: OwnedMap) => this.content(name);
    return {
      ports: map('ports'),
      networks: map('networks'),
      vteps: map('vteps'),
      addresses: map('addresses'),
      prefixes: map('prefixes'),
      classifier: map('classifier'),
      paths: map('paths'),
      hops: map('hops'),
      instances: map('instances'),
      tables: map('tables'),
      listeners: map('listeners'),
      sides: map('sides'),
    };
  }

  /** Reads a map anew. */
  load(name: OwnedMap): Promise<void> {
    return this.#lanes.run('ordinary', async () => {
      const { keys, values, count } = await this.#kernel.mapDump({ path: this.#path(name) });
      const { keySize, valueSize } = bpfMaps[name];
      const content = new Map<string, Uint8Array>();
      for (let index = 0; index < count; index++) {
        const key = bytesKey(keys.subarray(index * keySize, (index + 1) * keySize));
        content.set(key, values.slice(index * valueSize, (index + 1) * valueSize));
      }
      this.#maps.set(name, content);
    });
  }

  /** Writes entries in chunks. Before each chunk it asks `isWanted`, and leaves out entries that are obsolete by then. */
  async update(
    lane: Lane,
    { map, entries }: { readonly map: BpfMapName; readonly entries: readonly Entry[] },
    isWanted: (key: string) => boolean = () => true,
  ): Promise<void> {
    for (const chunk of chunksOfEntries(entries)) {
      await this.#lanes.run(lane, () =>
        this.#write(
          map,
          chunk.filter(([key]) => isWanted(key)),
        ),
      );
    }
  }

  async delete(map: BpfMapName, keys: readonly string[]): Promise<void> {
    for (const chunk of chunksOfKeys(keys)) {
      await this.#lanes.run('ordinary', async () => {
        const bytes = Buffer.concat(chunk.map(keyBytes));
        await this.#kernel.mapDelete({ path: this.#path(map), keys: bytes, count: chunk.length });
        for (const key of chunk) this.#maps.get(map)?.delete(key);
      });
    }
  }

  async #write(map: BpfMapName, entries: readonly Entry[]): Promise<void> {
    await writeEntries(this.#kernel, { directory: this.#directory, map }, entries).catch((error: unknown) => {
      throw namedWriteError(map, error);
    });
    const content = this.#maps.get(map);
    for (const [key, value] of entries) content?.set(key, value);
  }

  #path(map: BpfMapName): string {
    return `${this.#directory}/${map}`;
  }
}
