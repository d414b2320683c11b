// SPDX-License-Identifier: Apache-2.0
import { dropReasons } from '../drops/reasons.ts';
import { type Finding, seen, type World } from './world.ts';

/** Pure: packets that are being lost right now. What pods send against the rules is a notice, what they may is a problem. */
export function checkDrops(world: World): readonly Finding[] {
  return (seen(world.kernels) ?? []).flatMap(({ node, seconds, packets }) =>
    Object.entries(packets).flatMap(([reason, count]) => {
      const known = dropReasons[reason];
      if (count === 0 || known?.weight === 'Usual') return [];
      const finding: Finding = {
        severity: known?.weight === 'Loss' ? 'Problem' : 'Notice',
        object: `Node ${node}`,
        message: `${count} packets dropped in ${seconds.toFixed(1)} s as ${reason}: ${known?.means ?? 'a reason that this program does not know yet'}`,
        todo: known?.todo ?? '',
      };
      return [finding];
    }),
  );
}
