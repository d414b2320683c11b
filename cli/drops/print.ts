// SPDX-License-Identifier: Apache-2.0
import type { Paint } from '../print/paint.ts';
import { formatTable } from '../print/table.ts';
import type { DropRates, NodeDrops } from './rates.ts';
import { dropReasons } from './reasons.ts';

/** Pure: formats drops for people, with one explanation for each reason. */
export function formatDrops(rates: DropRates, paint: Paint): string {
  const parts: string[] = [];
  if (rates.nodes.length === 0) parts.push('No packet was dropped.\n');
  else {
    const rows = rates.nodes.map((row) => [row.node, row.reason, String(row.packets), rateOf(row, paint)]);
    parts.push(formatTable(['NODE', 'REASON', 'PACKETS', 'PER SECOND'], rows));
  }
  if (rates.hops.length > 0) {
    const rows = rates.hops.map((row) => [
      row.chain,
      row.hop,
      row.node,
      row.reason,
      String(row.packets),
      rateOf(row, paint),
    ]);
    parts.push(formatTable(['CHAIN', 'HOP', 'NODE', 'REASON', 'PACKETS', 'PER SECOND'], rows));
  }
  const reasons = [...new Set(rates.nodes.map(({ reason }) => reason))].sort();
  if (reasons.length > 0) parts.push(explain(reasons, paint));
  for (const { node, error } of rates.silent)
    parts.push(paint('yellow', `no answer from node ${node}: ${error}\n`));
  return parts.join('\n');
}

function rateOf({ perSecond, reason }: NodeDrops, paint: Paint): string {
  const text = perSecond.toFixed(1);
  if (perSecond === 0) return text;
  switch (dropReasons[reason]?.weight) {
    case 'Loss':
      return paint('red', text);
    case 'Sender':
      return paint('yellow', text);
    default:
      return text;
  }
}

function explain(reasons: readonly string[], paint: Paint): string {
  const width = Math.max(...reasons.map((reason) => reason.length));
  return reasons
    .map((reason) => {
      const { means = 'not known to this program: it is older than the agents', todo = '' } =
        dropReasons[reason] ?? {};
      return `${reason.padEnd(width)}  ${means}${todo === '' ? '' : paint('faint', ` -> ${todo}`)}\n`;
    })
    .join('');
}
