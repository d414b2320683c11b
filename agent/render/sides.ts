// SPDX-License-Identifier: Apache-2.0
import type { AddressClass } from './classes.ts';
import {
  encodeSide,
  encodeSideKey,
  PATH_F_REWRITES,
  SIDE_F_BEHIND,
  SIDE_F_FROM,
  SIDE_F_TO,
} from './generated/layout.ts';
import { bytesKey } from './keys.ts';
import type { PathState } from './paths.ts';

/**
 * Renders at which ends of each rewriting path a class is, by bytesKey of the SideKey. The classifier cannot say this of a
 * packet whose addresses a function has rewritten. The id of a class is a hash of these ends, so an entry never changes.
 */
export function renderSides(
  classes: Iterable<AddressClass>,
  paths: ReadonlyMap<number, PathState>,
): ReadonlyMap<string, Uint8Array> {
  const sides = new Map<string, Uint8Array>();
  for (const { id: classId, chains } of classes) {
    for (const { chain, from, to, behind } of chains) {
      if (!((paths.get(chain.pathId)?.flags ?? 0) & PATH_F_REWRITES)) continue;
      const flags = (from ? SIDE_F_FROM : 0) | (to ? SIDE_F_TO : 0) | (behind ? SIDE_F_BEHIND : 0);
      sides.set(bytesKey(encodeSideKey({ classId, path: chain.pathId })), encodeSide({ flags }));
    }
  }
  return sides;
}
