import type { ChainSliceSpec } from '../../api/index.ts';
import { packSlices } from './slices.ts';
import type { End, Hop, PortMatch } from './types.ts';

/** A chain with everything that it names resolved. */
export interface ResolvedChain {
  readonly name: string;
  readonly generation: number;
  readonly createdAt: string;
  readonly priority: number;
  readonly network: { readonly namespace: string; readonly name: string };
  readonly vni: number;
  readonly pathId: number;
  readonly ports: readonly PortMatch[] | undefined;
  readonly hops: readonly Hop[];
  readonly from: End;
  readonly to: End;
}

/**
 * The slices of a chain. Ports and hops are in the first one only, so that a pod that comes or goes rewrites
 * one slice, and an instance that fails rewrites the first.
 */
export function compileSlices(chain: ResolvedChain, current: readonly ChainSliceSpec[]): ChainSliceSpec[] {
  const before = [...current].sort((a, b) => a.slice - b.slice);
  const ends = packSlices({ from: chain.from, to: chain.to }, before);
  return ends.map(({ from, to }, slice) => ({
    chain: chain.name,
    generation: chain.generation,
    network: chain.network,
    vni: chain.vni,
    pathId: chain.pathId,
    priority: chain.priority,
    createdAt: chain.createdAt,
    slice,
    slices: ends.length,
    ...(slice === 0 && chain.ports ? { ports: chain.ports } : {}),
    ...(slice === 0 ? { hops: chain.hops } : {}),
    from,
    to,
  }));
}

/** Name of a slice's object. */
export function sliceNameOf(chain: string, slice: number): string {
  return `${chain}-${slice}`;
}
