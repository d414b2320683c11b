import { chainInterface } from '../../api/index.ts';
import type { Ruleset } from '../shared/nft/ruleset.ts';

/** Bit 31 of a mark: the packet is a chain's. Bit 30: it is an agent's probe, which is not counted. */
const CONTEXT = '0x80000000';
const CONTEXT_AND_PROBE = '0xc0000000';

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
        rules: [`meta mark & ${CONTEXT} != 0 accept`],
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
  return `${side} "${chainInterface}" meta mark & ${CONTEXT_AND_PROBE} == ${CONTEXT} counter name "${counter}"`;
}
