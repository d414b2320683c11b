// SPDX-License-Identifier: Apache-2.0
import { chainInterface } from '../../api/index.ts';
import { HAS_CONTEXT, IS_CHAINS } from '../shared/nft/context.ts';
import type { Ruleset } from '../shared/nft/ruleset.ts';

/**
 * What stands in the packet filter of an instance with one interface, beside what the image puts there in tables of its
 * own. It counts, and lets what carries a context be forwarded: nothing of the pod's own network ever is.
 */
export const ONE_INTERFACE: Ruleset = {
  counters: ['in', 'out'],
  sets: new Map(),
  chains: new Map([
    [
      'forward',
      {
        hook: 'type filter hook forward priority filter; policy drop;',
        rules: [`${HAS_CONTEXT} accept`],
      },
    ],
    // Before anything of the image's, and behind all of it.
    [
      'enter',
      {
        hook: 'type filter hook prerouting priority -445; policy accept;',
        rules: [counting('iifname', 'in')],
      },
    ],
    [
      'leave',
      {
        hook: 'type filter hook postrouting priority 445; policy accept;',
        rules: [counting('oifname', 'out')],
      },
    ],
  ]),
};

function counting(side: 'iifname' | 'oifname', counter: string): string {
  return `${side} "${chainInterface}" ${IS_CHAINS} counter name "${counter}"`;
}
