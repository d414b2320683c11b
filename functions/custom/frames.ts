// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '../../kube/base/log.ts';
import { parseCounters } from '../shared/nft/counters.ts';
import { createNft, NftError } from '../shared/nft/nft.ts';
import { FRAMES_CLOSED, FRAMES_OPEN, FRAMES_TABLE, QUIET_MS, Quiet } from './frames-table.ts';
import { startGuard } from './guard.ts';
import type { Way } from './way.ts';

/** The way of an instance with two interfaces, between which the image passes frames. */
export async function createFrames(log: Logger): Promise<Way> {
  const nft = createNft();
  const list = ['-j', 'list', 'counters', 'table', ...FRAMES_TABLE.split(' ')];
  const quiet = new Quiet(QUIET_MS);
  let isOpen = await exists();
  if (isOpen) log.info('the table of an earlier process lets frames pass; it stays in force');
  else await nft.transact(FRAMES_CLOSED);

  const guard = startGuard(mend, log);

  return {
    open: async () => {
      if (isOpen) return;
      await guard.inTurn(() => nft.transact(FRAMES_OPEN));
      isOpen = true;
    },
    count,
    // Connection tracking does not see frames, so the instance is busy while frames still come.
    isBusy: async () => {
      const counted = await count();
      return !quiet.look(performance.now(), counted.find(({ name }) => name === 'in')?.packets ?? 0);
    },
    stop: () => guard.stop(),
  };

  async function count() {
    const counted = parseCounters(await nft.run(list));
    return ['in', 'out'].map((name) => ({ name, ...(counted.get(name) ?? { packets: 0, bytes: 0 }) }));
  }

  async function mend(): Promise<boolean> {
    if (!isOpen || (await exists())) return false;
    await nft.transact(FRAMES_OPEN);
    return true;
  }

  async function exists(): Promise<boolean> {
    try {
      return parseCounters(await nft.run(list)).has('in');
    } catch (error) {
      if (error instanceof NftError && /No such file or directory/.test(error.message)) return false;
      throw error;
    }
  }
}
