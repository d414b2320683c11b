// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { formatAddress } from '../../api/net/address.ts';
import { addressOfMapped } from '../../api/net/mapped.ts';
import {
  LRU_FRAGMENTS,
  readBudget,
  readBudgetKey,
  SIZE_OF_BUDGET,
  SIZE_OF_BUDGET_KEY,
} from '../render/generated/layout.ts';
import type { CounterSource } from './counters.ts';

/** Half of BURST in agent/bpf/budget.h: who has spent more ahead adds entries much faster than the rate. */
const SPENT_AHEAD_NS = 8_000_000_000n;
const FRAGMENTS_SHIFT = 7n;

/** A network that has spent its budget for entries of the shared tables, or one of its senders. */
export interface OverBudget {
  readonly vni: number;
  /** The sender's address; undefined: all senders of the network together. */
  readonly sender: string | undefined;
}

/** Who is over budget at a time of CLOCK_MONOTONIC, sorted. */
export async function observeOverBudget(
  { kernel, mapsDir }: CounterSource,
  now: bigint,
): Promise<readonly OverBudget[]> {
  const spills = await kernel.mapDump({ path: join(mapsDir, 'spills') });
  if (spills.values.every((byte) => byte === 0)) return [];
  const { keys, values, count } = await kernel.mapDump({ path: join(mapsDir, 'budgets') });
  const key = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
  const value = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const found = new Map<string, OverBudget>();
  for (let index = 0; index < count; index += 1) {
    const { spentUntil } = readBudget(value, index * SIZE_OF_BUDGET);
    const { vni, lru, sender } = readBudgetKey(key, index * SIZE_OF_BUDGET_KEY);
    const ahead = lru === LRU_FRAGMENTS ? SPENT_AHEAD_NS >> FRAGMENTS_SHIFT : SPENT_AHEAD_NS;
    if (spentUntil <= now + ahead) continue;
    const isAll = sender.every((byte) => byte === 0);
    const over = { vni, sender: isAll ? undefined : formatAddress(addressOfMapped(sender)) };
    found.set(`${vni} ${over.sender ?? ''}`, over);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, over]) => over);
}
