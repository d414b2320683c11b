// SPDX-License-Identifier: Apache-2.0
import type { Kernel } from '../kernel/kernel.ts';
import type { ProbePlan } from '../kernel/protocol.ts';
import { encodeProbe } from '../render/generated/layout.ts';
import { bytesKey, keyBytes } from '../render/keys.ts';

const NOTHING_ANSWERED = encodeProbe({ round: 0, answered: 0n, nanoseconds: 0n, lastNanoseconds: 0n });

/**
 * Adds the map entries in which the answers of targets are counted (the programs only update existing ones), and deletes
 * the entries of former targets. Entries that stay keep their sums.
 */
export async function prepareTargets(
  kernel: Pick<Kernel, 'mapDump' | 'mapUpdate' | 'mapDelete'>,
  plan: ProbePlan,
  maps: readonly string[],
): Promise<void> {
  for (const path of maps) {
    const { keys, count } = await kernel.mapDump({ path });
    const size = count === 0 ? 0 : keys.length / count;
    const found = new Set(
      Array.from({ length: count }, (_, index) => bytesKey(keys.subarray(index * size, (index + 1) * size))),
    );
    const wanted = new Set(plan.targets.filter(({ map }) => map === path).map(({ key }) => bytesKey(key)));
    const fresh = [...wanted].filter((key) => !found.has(key));
    const gone = [...found].filter((key) => !wanted.has(key));
    if (fresh.length > 0) await kernel.mapUpdate({ path, entries: zeros(fresh) });
    if (gone.length > 0) {
      await kernel.mapDelete({ path, keys: Buffer.concat(gone.map(keyBytes)), count: gone.length });
    }
  }
}

function zeros(keys: readonly string[]) {
  return {
    keys: Buffer.concat(keys.map(keyBytes)),
    values: Buffer.concat(keys.map(() => NOTHING_ANSWERED)),
    count: keys.length,
  };
}
