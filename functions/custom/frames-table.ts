// SPDX-License-Identifier: Apache-2.0
import { frameInterfaces } from '../../api/index.ts';
import { FRAME_IS_CHAINS, HAS_CONTEXT, IS_CHAINS } from '../shared/nft/context.ts';
import { TABLE } from '../shared/nft/ruleset.ts';

export const FRAMES_TABLE = 'netdev heddle';

const ENTERING = `${IS_CHAINS} counter name "in"`;
/** Leaving frames are recognized by their MAC: a program that writes frames itself sets no mark. */
const LEAVING = `${FRAME_IS_CHAINS} counter name "out"`;

/**
 * Drops packets of chains that would be delivered to the pod itself, whose address a network may have too: the kernel
 * delivers what no bridge or program takes from an interface. They are not tracked either: where bridges call the
 * packet filter, connection tracking would mix up the paths.
 */
const APART = `table ${TABLE} { }
delete table ${TABLE}
table ${TABLE} {
	chain track {
		type filter hook prerouting priority -450; policy accept;
		${HAS_CONTEXT} notrack
	}

	chain input {
		type filter hook input priority -450; policy accept;
		${HAS_CONTEXT} drop
	}
}
`;

/** The table before the spec is known: no frame goes in. */
export const FRAMES_CLOSED = `${APART}${renderTable('drop')}`;

/** The table that counts what goes into each interface and out of it, except probes. */
export const FRAMES_OPEN = `${APART}${renderTable(ENTERING)}`;

function renderTable(entering: string): string {
  const hook = (name: string, direction: 'ingress' | 'egress', rule: string): readonly string[] => [
    `\tchain ${direction}-${name} {`,
    `\t\ttype filter hook ${direction} device "${name}" priority -445; policy accept;`,
    `\t\t${rule}`,
    '\t}',
  ];
  return [
    `table ${FRAMES_TABLE} { }`,
    `delete table ${FRAMES_TABLE}`,
    `table ${FRAMES_TABLE} {`,
    '\tcounter in { }',
    '\tcounter out { }',
    ...frameInterfaces.flatMap((name) => [
      ...hook(name, 'ingress', entering),
      ...hook(name, 'egress', LEAVING),
    ]),
    '}',
    '',
  ].join('\n');
}

/** A live flow may pause: keepalives come every 15 to 25 seconds. */
export const QUIET_MS = 30_000;

/** Detects that no packet has come for a while, by a counter that is read repeatedly. */
export class Quiet {
  readonly #afterMs: number;
  #last: { readonly at: number; readonly packets: number } | undefined;

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  look(now: number, packets: number): boolean {
    if (this.#last?.packets !== packets) this.#last = { at: now, packets };
    return now - this.#last.at >= this.#afterMs;
  }
}
