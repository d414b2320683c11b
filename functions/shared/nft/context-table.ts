// SPDX-License-Identifier: Apache-2.0
import { LARGEST_ID } from '../../../api/context/context.ts';
import { MARK_CONTEXT, MARK_PATH, MARK_PROBE } from '../../../api/context/generated/context.ts';
import { hex } from './context.ts';

/**
 * The table that keeps tenants apart, and the pod's own traffic from all of them. It never changes, so it is
 * beside the function's own and is put there once, before anything else.
 *
 * A packet of a chain is tracked in the conntrack zone of its path id; everything else, probes too, is not
 * tracked at all. nft takes a zone from a map only, so the map has every path id: 6 MB of kernel memory, and a
 * new chain's first packet needs to wait for nobody. The priority is before defragmentation (-400), else
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
