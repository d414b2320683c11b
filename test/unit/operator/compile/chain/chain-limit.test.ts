// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { ChainSlice, ServiceChain } from '../../../../../api/index.ts';
import { exceedsChains } from '../../../../../operator/compile/chain/chain-limit.ts';

function chain(name: string, second: number, pathId?: number): ServiceChain {
  const metadata = { name, namespace: 'shop', creationTimestamp: `2026-11-30T12:00:0${second}Z` };
  return { metadata, status: { pathId } } as unknown as ServiceChain;
}

test('the oldest chains of a namespace count; what is on the nodes or has a path id stays', () => {
  const all = [chain('a', 1), chain('b', 2), chain('c', 2)];
  const judge = (one: ServiceChain, slices: readonly ChainSlice[] = [], most = 2) =>
    exceedsChains(one, slices, () => all, most);
  expect(all.map((one) => judge(one) !== undefined)).toEqual([false, false, true]);
  expect(judge(all[2]!)).toEqual({ limit: 'chainsPerNamespace', most: 2, wanted: 3 });
  expect(judge(all[2]!, [{} as ChainSlice])).toBeUndefined();
  expect(judge(chain('c', 2, 7))).toBeUndefined();
  expect(judge(all[2]!, [], 3)).toBeUndefined();
});
