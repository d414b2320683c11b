// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { prepareTargets } from '../../../../agent/health/targets.ts';
import type { MapEntries, ProbePlan } from '../../../../agent/kernel/protocol.ts';
import { decodeProbe } from '../../../../agent/render/generated/layout.ts';

/** Maps as the kernel's process shows them: keys of four bytes. */
function kernelWith(maps: Readonly<Record<string, readonly number[]>>) {
  const written: Record<string, MapEntries[]> = {};
  const deleted: Record<string, { keys: Uint8Array; count: number }[]> = {};
  return {
    written,
    deleted,
    mapDump: async ({ path }: { path: string }) => {
      const keys = Buffer.concat((maps[path] ?? []).map(keyOf));
      return { keys, values: new Uint8Array(keys.length), count: maps[path]?.length ?? 0 };
    },
    mapUpdate: async ({ path, entries }: { path: string; entries: MapEntries }) => {
      written[path] = [...(written[path] ?? []), entries];
    },
    mapDelete: async ({ path, keys, count }: { path: string; keys: Uint8Array; count: number }) => {
      deleted[path] = [...(deleted[path] ?? []), { keys, count }];
      return count;
    },
  };
}
const keyOf = (number: number): Uint8Array => Uint8Array.of(number, 0, 0, 0);
const plan = (...targets: readonly (readonly [map: string, key: number])[]): ProbePlan =>
  ({ targets: targets.map(([map, key]) => ({ map, key: keyOf(key) })) }) as unknown as ProbePlan;
const prepare = (kernel: ReturnType<typeof kernelWith>, of: ProbePlan) =>
  prepareTargets(kernel as unknown as Parameters<typeof prepareTargets>[0], of, ['probes', 'peers']);

describe('the entries in which answers to probes are counted', () => {
  test('are added for new targets, at zero, deleted for former ones, and left alone for the others', async () => {
    const kernel = kernelWith({ probes: [1, 2], peers: [9] });
    await prepare(kernel, plan(['probes', 2], ['probes', 3], ['peers', 9]));
    expect(kernel.written.peers).toBeUndefined();
    expect(kernel.deleted.peers).toBeUndefined();
    const [added] = kernel.written.probes!;
    expect([Buffer.from(added!.keys), added!.count]).toEqual([Buffer.from(keyOf(3)), 1]);
    expect(decodeProbe(added!.values)).toMatchObject({ round: 0, answered: 0n });
    expect(kernel.deleted.probes).toEqual([{ keys: Buffer.from(keyOf(1)), count: 1 }]);
  });

  test('are of one map each: a key of the other map is not wanted here', async () => {
    const kernel = kernelWith({ probes: [], peers: [] });
    await prepare(kernel, plan(['peers', 5]));
    expect(kernel.written.probes).toBeUndefined();
    expect(kernel.written.peers).toHaveLength(1);
  });

  test('are all deleted when nothing is probed', async () => {
    const kernel = kernelWith({ probes: [1, 2], peers: [] });
    await prepare(kernel, plan());
    expect(kernel.deleted.probes?.[0]?.count).toBe(2);
    expect(kernel.deleted.peers).toBeUndefined();
  });
});
