// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { observeOverBudget } from '../../../../agent/observe/budgets.ts';
import {
  encodeBudget,
  encodeBudgetKey,
  LRU_ENDS,
  LRU_FLOWS,
  LRU_FRAGMENTS,
} from '../../../../agent/render/generated/layout.ts';
import { encodeU32 } from '../../../../agent/render/scalar.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { mappedBytes } from '../../../../api/net/mapped.ts';

const SECOND = 1_000_000_000n;
const NOW = 1000n * SECOND;
const ALL = new Uint8Array(16);
const from = (text: string) => mappedBytes(parseAddress(text));

async function over(
  budgets: readonly (readonly [vni: number, lru: number, sender: Uint8Array, ahead: bigint])[],
  spilled = 1,
) {
  const entries: Readonly<Record<string, readonly (readonly [Uint8Array, Uint8Array])[]>> = {
    spills: [[encodeU32(0), encodeU32(spilled)]],
    budgets: budgets.map(([vni, lru, sender, ahead]) => [
      encodeBudgetKey({ vni, lru, sender }),
      encodeBudget({ spentUntil: NOW + ahead }),
    ]),
  };
  const kernel = {
    mapDump: async ({ path }: { path: string }) => {
      const found = entries[basename(path)] ?? [];
      const keys = Buffer.concat(found.map(([key]) => key));
      return { keys, values: Buffer.concat(found.map(([, value]) => value)), count: found.length };
    },
    mapCount: async () => 0,
  };
  return observeOverBudget({ kernel, mapsDir: '/maps' }, NOW);
}

// security.md: tenant-fills-flows
test('a sender that exceeds its budget in several tables is listed once', async () => {
  expect(
    await over([
      [7, LRU_FLOWS, from('10.20.0.5'), 15n * SECOND],
      [7, LRU_ENDS, from('10.20.0.5'), 16n * SECOND],
      [7, LRU_FLOWS, from('fd20::6'), SECOND],
      [7, LRU_FLOWS, ALL, -5n * SECOND],
      [9, LRU_FLOWS, ALL, 9n * SECOND],
      [9, LRU_FRAGMENTS, from('fd20::7'), SECOND / 10n],
    ]),
  ).toEqual([
    { vni: 7, sender: '10.20.0.5' },
    { vni: 9, sender: undefined },
    { vni: 9, sender: 'fd20::7' },
  ]);
});

test('no sender is over budget while no entry was spilled', async () => {
  expect(await over([[7, LRU_FLOWS, ALL, 16n * SECOND]], 0)).toEqual([]);
});
