// SPDX-License-Identifier: Apache-2.0
import { dropReasons } from '../drops/reasons.ts';
import { type Finding, seen, type World } from './world.ts';

/** Pure: finds packets that are being dropped now. Packets that break the rules are a notice; others are a problem. */
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
