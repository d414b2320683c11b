// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '../../kube/base/log.ts';
import { CounterTotals } from '../shared/nft/counters.ts';
import { KernelTable } from '../shared/nft/kernel-table.ts';
import { createNft } from '../shared/nft/nft.ts';
import { startGuard } from './guard.ts';
import { ONE_INTERFACE } from './ruleset.ts';
import type { Way } from './way.ts';

/** The way of an instance with one interface, where the kernel forwards. */
export async function createForwarding(log: Logger): Promise<Way> {
  const nft = createNft();
  const counters = new CounterTotals(nft);
  const table = new KernelTable({ nft, counters, log });
  await table.open();
  const guard = startGuard(() => table.mend(), log);
  return {
    open: () => guard.inTurn(() => table.apply(ONE_INTERFACE)),
    count: async () => {
      const counted = await counters.read();
      return ONE_INTERFACE.counters.map((name) => ({
        name,
        ...(counted.get(name) ?? { packets: 0, bytes: 0 }),
      }));
    },
    stop: () => guard.stop(),
  };
}
