// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { DataPathMaps } from '../../../../agent/apply/maps.ts';
import { type BpfMapName, bpfMaps, SIZE_OF_INSTANCE } from '../../../../agent/render/generated/layout.ts';
import { bytesKey, keyBytes } from '../../../../agent/render/keys.ts';
import { encodeU32 } from '../../../../agent/render/scalar.ts';

const UP = 1;
const DOWN = 2;
const key = (id: number) => bytesKey(encodeU32(id));
const value = (state: number) => new Uint8Array(SIZE_OF_INSTANCE).fill(state);
const entry = (id: number, state: number) => [key(id), value(state)] as const;
/** More than one call of the kernel. */
const MANY = 20_000;
const many = new Map(Array.from({ length: MANY }, (_, index) => entry(1000 + index, UP)));

/** A kernel whose calls wait until they are let go, one by one, and that can fail. */
class FakeKernel {
  readonly maps = new Map<BpfMapName, Map<string, Uint8Array>>();
  /** What was done: the map and the number of entries, `-` for a deletion, `?` for a dump. */
  readonly calls: string[] = [];
  isHeld = false;
  failure: Error | undefined;
  readonly #held: (() => void)[] = [];

  map(name: BpfMapName): Map<string, Uint8Array> {
    const map = this.maps.get(name) ?? new Map<string, Uint8Array>();
    this.maps.set(name, map);
    return map;
  }

  state(id: number): number | undefined {
    return this.map('instances').get(key(id))?.[0];
  }

  async release(): Promise<void> {
    this.isHeld = false;
    for (const go of this.#held.splice(0)) go();
  }

  readonly mapUpdate = async (args: {
    path: string;
    entries: { keys: Uint8Array; values: Uint8Array; count: number };
  }): Promise<undefined> => {
    const name = basename(args.path) as BpfMapName;
    await this.#turn(`${name} ${args.entries.count}`);
    const { keySize, valueSize } = bpfMaps[name];
    for (let index = 0; index < args.entries.count; index++) {
      const at = bytesKey(args.entries.keys.subarray(index * keySize, (index + 1) * keySize));
      this.map(name).set(at, args.entries.values.slice(index * valueSize, (index + 1) * valueSize));
    }
    return undefined;
  };

  readonly mapDelete = async (args: { path: string; keys: Uint8Array; count: number }): Promise<number> => {
    const name = basename(args.path) as BpfMapName;
    await this.#turn(`${name} -${args.count}`);
    const { keySize } = bpfMaps[name];
    for (let index = 0; index < args.count; index++) {
      this.map(name).delete(bytesKey(args.keys.subarray(index * keySize, (index + 1) * keySize)));
    }
    return args.count;
  };

  readonly mapDump = async (args: { path: string }) => {
    const name = basename(args.path) as BpfMapName;
    await this.#turn(`${name} ?`);
    const all = [...this.map(name)];
    return {
      keys: Buffer.concat(all.map(([at]) => keyBytes(at))),
      values: Buffer.concat(all.map(([, each]) => each)),
      count: all.length,
    };
  };

  readonly possibleCpus = async () => 1;

  async #turn(call: string): Promise<void> {
    this.calls.push(call);
    if (this.isHeld) await new Promise<void>((resolve) => this.#held.push(resolve));
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('an urgent write', () => {
  let kernel: FakeKernel;
  let maps: DataPathMaps;
  beforeEach(async () => {
    kernel = new FakeKernel();
    maps = new DataPathMaps({ kernel, directory: '/maps' });
    await maps.replace('instances', new Map([entry(7, UP)]));
    kernel.calls.length = 0;
  });

  test('waits for the call that runs, not for the rest of a long change', async () => {
    kernel.isHeld = true;
    const long = maps.replace('instances', new Map([entry(7, UP), ...many]));
    await settled();
    const urgent = maps.writeUrgently([entry(7, DOWN)]);
    await kernel.release();
    await Promise.all([urgent, long]);
    expect(kernel.calls.length).toBeGreaterThan(2);
    expect(kernel.calls[1]).toBe('instances 1');
    expect(kernel.state(7)).toBe(DOWN);
    expect(kernel.map('instances').size).toBe(MANY + 1);
  });

  test('comes before changes that wait, and those that show an older state do not undo it', async () => {
    kernel.isHeld = true;
    const first = maps.replace('instances', new Map([entry(7, UP), entry(8, UP)]));
    await settled();
    // Asked for while the instance still answered, with something else of it that changed.
    const older = [
      maps.set('instances', key(7), value(3)),
      maps.replace('instances', new Map([entry(7, 4), entry(9, UP)])),
    ];
    const urgent = maps.writeUrgently([entry(7, DOWN)]);
    await kernel.release();
    await urgent;
    expect(kernel.state(7)).toBe(DOWN);
    await Promise.all([first, ...older]);
    expect(kernel.state(7)).toBe(DOWN);
    expect(kernel.state(8)).toBeUndefined();
    expect(kernel.state(9)).toBe(UP);
    await maps.replace('instances', new Map([entry(7, 5)]));
    expect(kernel.state(7)).toBe(5);
  });

  test('is known to later changes, which write only entries that differ from it', async () => {
    await maps.writeUrgently([entry(7, DOWN)]);
    kernel.calls.length = 0;
    await maps.replace('instances', new Map([entry(7, DOWN)]));
    expect(kernel.calls).toEqual([]);
    await maps.replace('instances', new Map([entry(7, UP)]));
    expect(kernel.state(7)).toBe(UP);
  });

  test('is also known to later changes when the maps were being read at the time', async () => {
    maps.invalidate();
    kernel.isHeld = true;
    const reads = maps.replace('instances', new Map([entry(7, UP)]));
    await settled();
    const urgent = maps.writeUrgently([entry(7, DOWN)]);
    await kernel.release();
    await Promise.all([reads, urgent]);
    expect(kernel.state(7)).toBe(DOWN);
    await maps.replace('instances', new Map([entry(7, UP)]));
    expect(kernel.state(7)).toBe(UP);
  });

  test('that fails has the maps read anew before the next change', async () => {
    kernel.failure = new Error('the process ended');
    await expect(maps.writeUrgently([entry(7, DOWN)])).rejects.toThrow('the process ended');
    kernel.calls.length = 0;
    await maps.replace('instances', new Map([entry(7, DOWN)]));
    expect(kernel.calls).toContain('instances ?');
    expect(kernel.state(7)).toBe(DOWN);
  });

  test('of nothing is no call', async () => {
    await maps.writeUrgently([]);
    expect(kernel.calls).toEqual([]);
  });
});

test('maps that were called stale while they were read are read again', async () => {
  const kernel = new FakeKernel();
  const maps = new DataPathMaps({ kernel, directory: '/maps' });
  kernel.isHeld = true;
  const first = maps.set('instances', key(7), value(UP));
  await settled();
  maps.invalidate();
  await kernel.release();
  await first;
  kernel.calls.length = 0;
  await maps.set('instances', key(8), value(UP));
  expect(kernel.calls).toContain('instances ?');
});
