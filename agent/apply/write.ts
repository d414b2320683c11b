// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Kernel } from '../kernel/kernel.ts';
import type { Entry } from '../plan/step.ts';
import { type BpfMapName, bpfMaps } from '../render/generated/layout.ts';
import { keyBytes } from '../render/keys.ts';

/** Flag of `linux/bpf.h`: updates a value in place, under its lock. */
const BPF_F_LOCK = 4;

/** Writes entries to a map of the data path, in place where its values have a lock (`agent/bpf/maps.h`, `struct host`). */
export async function writeEntries(
  kernel: Pick<Kernel, 'mapUpdate'>,
  to: { readonly directory: string; readonly map: BpfMapName },
  entries: readonly Entry[],
): Promise<void> {
  if (entries.length === 0) return;
  await kernel.mapUpdate({
    path: join(to.directory, to.map),
    entries: {
      keys: Buffer.concat(entries.map(([key]) => keyBytes(key))),
      values: Buffer.concat(entries.map(([, value]) => value)),
      count: entries.length,
    },
    ...(bpfMaps[to.map].inPlace ? { flags: BPF_F_LOCK } : {}),
  });
}
