// SPDX-License-Identifier: Apache-2.0
import { dropReasons } from '../../api/context/generated/context.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type FoundEndpoints, findEndpoints } from '../plan/endpoints.ts';
import { type Holdings, planDeletes, planNetwork, planRemoval, type Step } from '../plan/plan.ts';
import { type OwnedMap, ownedMaps } from '../plan/shadow.ts';
import { type Entry, sameBytes } from '../plan/step.ts';
import {
  type BpfMapName,
  bpfMaps,
  encodeHopDropKey,
  encodeHopKey,
  MAX_HOPS,
} from '../render/generated/layout.ts';
import { bytesKey, keyBytes } from '../render/keys.ts';
import type { NetworkState } from '../render/network.ts';
import { decodeU32 } from '../render/scalar.ts';
import { CopiedMaps } from './copied-maps.ts';

/** Maps of per-CPU counters whose entries the agent adds with an owned map's: the program only updates existing ones. */
const COUNTERS: Partial<Record<OwnedMap, readonly BpfMapName[]>> = { ports: ['port_rx', 'port_tx'] };

const NOTHING_FOUND: FoundEndpoints = { addresses: new Set(), prefixes: new Set() };

export interface DataPathMapsOptions {
  readonly kernel: Pick<Kernel, 'mapUpdate' | 'mapDelete' | 'mapDump' | 'possibleCpus'>;
  /** Where the maps are pinned, one file a map. */
  readonly directory: string;
}

/**
 * The maps that the agent fills (`ownedMaps`), with a copy of their content, so that a change writes only what differs. All
 * writes of these maps use this class. Changes are carried out one by one, in small calls of the kernel; an urgent write
 * waits for the call that runs, not for the whole change. After a failed write the copy is read anew, since the kernel may
 * have done a part of it.
 */
export class DataPathMaps {
  readonly #kernel: DataPathMapsOptions['kernel'];
  readonly #maps: CopiedMaps;
  readonly #held = new Map<number, Holdings>();
  /** Entries that the maps had when the copy was read, for networks that have no holdings yet. */
  #found: ReadonlyMap<number, FoundEndpoints> = new Map();
  /** Which network wrote a key last: a path id may move from one network to another. */
  readonly #owner = new Map<BpfMapName, Map<string, number>>();
  #queue: Promise<unknown> = Promise.resolve();
  /** The number of urgent writes so far, and for each instance the number of its last one. */
  #urgentWrites = 0;
  readonly #lastUrgent = new Map<string, number>();
  #isStale = true;

  constructor({ kernel, directory }: DataPathMapsOptions) {
    this.#kernel = kernel;
    this.#maps = new CopiedMaps({ kernel, directory });
  }

  /** Networks that the kernel has now. */
  get vnis(): readonly number[] {
    return [...this.#maps.content('networks').keys()].map((key) => Buffer.from(key, 'latin1').readUInt32LE());
  }

  /** How many entries each map has. */
  sizes(): readonly (readonly [map: string, entries: number])[] {
    return ownedMaps.map((map) => [map, this.#maps.content(map).size]);
  }

  /** Marks the copy as stale: the kernel's child was restarted, or another process may have written. */
  invalidate(): void {
    this.#isStale = true;
  }

  applyNetwork(state: NetworkState): Promise<void> {
    return this.#exclusive(async () => {
      const found = this.#found.get(state.vni) ?? NOTHING_FOUND;
      const { steps, holdings } = planNetwork(state, this.#maps.contents(), this.#held.get(state.vni), found);
      this.#claim(state.vni, holdings);
      // If this fails half-way, a later plan deletes what was written and is not wanted.
      const before = this.#held.get(state.vni);
      this.#held.set(state.vni, before ? uniteHoldings([before, holdings]) : holdings);
      for (const step of steps) await this.#run(this.#without(step, state.vni));
      this.#held.set(state.vni, holdings);
    });
  }

  removeNetwork(vni: number): Promise<void> {
    return this.#exclusive(async () => {
      const held = this.#held.get(vni);
      if (!held) return;
      for (const step of planRemoval(held)) await this.#run(this.#without(step, vni));
      this.#held.delete(vni);
    });
  }

  /** Makes a small map equal to `wanted`. */
  replace(map: 'vteps' | 'instances', wanted: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const isCurrent = this.#sinceNow(map);
    return this.#exclusive(async () => {
      const entries = [...wanted].filter(
        ([key, value]) => !sameBytes(this.#maps.content(map).get(key), value),
      );
      await this.#update(map, entries, isCurrent);
      const keys = [...this.#maps.content(map).keys()].filter((key) => !wanted.has(key) && isCurrent(key));
      await this.#run({ op: 'delete', map, keys });
    });
  }

  set(map: 'ports' | 'instances', key: string, value: Uint8Array): Promise<void> {
    const isCurrent = this.#sinceNow(map);
    return this.#exclusive(async () => {
      if (sameBytes(this.#maps.content(map).get(key), value)) return;
      await this.#createCounters(map, key);
      await this.#update(map, [[key, value]], isCurrent);
    });
  }

  /**
   * Writes instances whose health changed, before all other changes that wait. Changes of these instances that were
   * requested earlier have an older state, and are left out if they are not carried out yet.
   */
  async writeUrgently(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    this.#urgentWrites++;
    for (const [key] of entries) this.#lastUrgent.set(key, this.#urgentWrites);
    try {
      await this.#maps.update('urgent', { map: 'instances', entries });
    } catch (error) {
      this.#isStale = true;
      throw error;
    }
  }

  delete(map: 'ports' | 'instances', key: string): Promise<void> {
    return this.#exclusive(async () => {
      await this.#run({ op: 'delete', map, keys: [key] });
      for (const counter of COUNTERS[map] ?? []) await this.#deleteKeys(counter, [key]);
    });
  }

  /** Deletes entries of no network and no Port: an earlier agent may have ended in the middle of a change. */
  sweep(ifindexKeys: ReadonlySet<string>): Promise<void> {
    return this.#exclusive(async () => {
      const everything: Holdings = new Map(
        ownedMaps.map((map) => [map, new Set(this.#maps.content(map).keys())]),
      );
      const wanted = uniteHoldings([...this.#held.values()]);
      for (const step of planDeletes(wanted, everything)) await this.#run(step);
      const ports = [...this.#maps.content('ports').keys()].filter((key) => !ifindexKeys.has(key));
      await this.#run({ op: 'delete', map: 'ports', keys: ports });
    });
  }

  /** Runs one change at a time, with a copy that is up to date. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      try {
        if (this.#isStale) await this.#load();
        return await work();
      } catch (error) {
        this.#isStale = true;
        throw error;
      }
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #load(): Promise<void> {
    this.#isStale = false; // Set before reading: `invalidate` may be called meanwhile.
    for (const name of ownedMaps) await this.#maps.load(name);
    this.#found = findEndpoints(this.#maps.contents());
  }

  /** Returns a function that says later whether an entry has had no urgent write since this call. */
  #sinceNow(map: OwnedMap): (key: string) => boolean {
    const now = this.#urgentWrites;
    return (key) => map !== 'instances' || (this.#lastUrgent.get(key) ?? 0) <= now;
  }

  async #run(step: Step): Promise<void> {
    if (step.op === 'update') await this.#update(step.map, step.entries);
    else await this.#deleteKeys(step.map, step.keys);
  }

  async #update(
    map: BpfMapName,
    entries: readonly Entry[],
    isCurrent: (key: string) => boolean = () => true,
  ): Promise<void> {
    await this.#maps.update('ordinary', { map, entries }, isCurrent);
  }

  async #deleteKeys(map: BpfMapName, keys: readonly string[]): Promise<void> {
    await this.#maps.delete(map, keys);
    for (const key of keys) this.#owner.get(map)?.delete(key);
    if (map === 'paths' && keys.length > 0)
      await this.#forgetPaths(new Set(keys.map((key) => decodeU32(keyBytes(key)))));
  }

  async #createCounters(map: OwnedMap, key: string): Promise<void> {
    for (const counter of COUNTERS[map] ?? []) {
      const size = bpfMaps[counter].valueSize * (await this.#kernel.possibleCpus({}));
      await this.#update(counter, [[key, new Uint8Array(size)]]);
    }
  }

  /** Deletes the counters of paths, which the programs have added: a path with the same id must begin at 0. */
  async #forgetPaths(ids: ReadonlySet<number>): Promise<void> {
    const hops = [...ids].flatMap((path) => range(2 * MAX_HOPS).map((slot) => ({ path, slot })));
    await this.#deleteKeys('hop_traffic', hops.map(encodeHopKey).map(bytesKey));
    const drops = hops.flatMap((hop) => dropReasons.map((_, reason) => encodeHopDropKey({ hop, reason })));
    await this.#deleteKeys('hop_drops', drops.map(bytesKey));
  }

  #claim(vni: number, holdings: Holdings): void {
    for (const [map, keys] of holdings) {
      const owners = this.#owner.get(map) ?? new Map<string, number>();
      for (const key of keys) owners.set(key, vni);
      this.#owner.set(map, owners);
    }
  }

  /** A step of one network, without the keys that another network has written since. */
  #without(step: Step, vni: number): Step {
    if (step.op === 'update') return step;
    const owners = this.#owner.get(step.map);
    return { ...step, keys: step.keys.filter((key) => (owners?.get(key) ?? vni) === vni) };
  }
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function uniteHoldings(all: readonly Holdings[]): Holdings {
  const union = new Map<BpfMapName, Set<string>>();
  for (const holdings of all) {
    for (const [map, keys] of holdings) {
      const set = union.get(map) ?? new Set<string>();
      for (const key of keys) set.add(key);
      union.set(map, set);
    }
  }
  return union;
}
