// SPDX-License-Identifier: Apache-2.0
import { LARGEST_ID } from '../../../api/context/context.ts';
import { MARK_CONTEXT, MARK_PATH, MARK_PROBE } from '../../../api/context/generated/context.ts';
import { hex } from './context.ts';

/**
 * The table that keeps the flows of different chains apart, and the pod's own traffic apart from all of them. It never
 * changes, so it is separate from the function's own table, and is written once, before anything else.
 *
 * Packets of a chain are tracked in the conntrack zone of their path id. Everything else, probes included, is not
 * tracked. nft takes a zone from a map only, so the map has every path id: this costs 6 MB of kernel memory, and the
 * first packet of a new chain never waits for an update. The priority is before defragmentation (-400); otherwise
 * fragments of two tenants could be put together into one packet.
 */
export function renderContextTable(): string {
  const zones: string[] = [];
  for (let path = 1; path <= LARGEST_ID; path += 1) zones.push(`${MARK_CONTEXT + path} : ${path}`);
  const rules = [
    `ct zone set meta mark & ${hex(MARK_CONTEXT | MARK_PROBE | MARK_PATH)} map @zones accept`,
    'notrack',
  ];
  const chain = (hook: string): readonly string[] => [
    `\tchain ${hook} {`,
    `\t\ttype filter hook ${hook} priority -450; policy accept;`,
    ...rules.map((rule) => `\t\t${rule}`),
    '\t}',
  ];
  return [
    `table ${CONTEXT_TABLE} { }`,
    `delete table ${CONTEXT_TABLE}`,
    `table ${CONTEXT_TABLE} {`,
    '\tmap zones {',
    '\t\ttypeof meta mark : ct zone',
    `\t\tsize ${LARGEST_ID}`,
    `\t\telements = { ${zones.join(', ')} }`,
    '\t}',
    ...chain('prerouting'),
    ...chain('output'),
    '}',
    '',
  ].join('\n');
}

const CONTEXT_TABLE = 'inet heddle_context';
