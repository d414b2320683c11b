import type { Chain } from './chain.ts';
import { HOP_F_OPEN, type Hop } from './generated/layout.ts';

/** A path's hops in order, without the bank that the kernel keeps them in. */
export interface PathState {
  readonly flags: number;
  readonly hops: readonly Hop[];
  /** Instances that may speak for each position: all of the hop's, not only the one in use. */
  readonly members: readonly { readonly instance: number; readonly position: number }[];
}

/** One path for each chain, by path id. */
export function renderPaths(chains: readonly Chain[]): ReadonlyMap<number, PathState> {
  return new Map(chains.map((chain) => [chain.pathId, renderPath(chain)]));
}

function renderPath({ hops }: Chain): PathState {
  return {
    flags: 0,
    hops: hops.map(({ onFailure, instances }) => ({
      flags: onFailure === 'Open' ? HOP_F_OPEN : 0,
      count: instances.length,
      instance: instances[0]?.id ?? 0,
      table: 0,
    })),
    members: hops.flatMap(({ instances }, position) =>
      instances.map(({ id }) => ({ instance: id, position })),
    ),
  };
}
