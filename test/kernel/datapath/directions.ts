// SPDX-License-Identifier: Apache-2.0
import { IS_CHAINS_FORWARD, IS_CHAINS_REPLY } from '../../../functions/shared/nft/context.ts';

/** Counts what a function forwards, by direction of its context: the counters `forward` and `reply` of the table `seen`. */
export const COUNT_DIRECTIONS = `
table inet seen {
  counter forward {}
  counter reply {}
  chain forward {
    type filter hook forward priority 0;
    ${IS_CHAINS_FORWARD} counter name forward
    ${IS_CHAINS_REPLY} counter name reply
  }
}`;
