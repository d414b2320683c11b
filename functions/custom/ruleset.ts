// SPDX-License-Identifier: Apache-2.0
import { chainInterface } from '../../api/index.ts';
import { HAS_CONTEXT, IS_CHAINS } from '../shared/nft/context.ts';
import type { Ruleset } from '../shared/nft/ruleset.ts';

/**
 * The ruleset of an instance with one interface, beside the tables that the image makes for itself. It counts packets,
 * and forwards only those with a context: packets of the pod's own network are never forwarded.
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
    // The counting rules come before and after all rules of the image.
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
