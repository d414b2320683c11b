// SPDX-License-Identifier: Apache-2.0
import type { ChainSlice, ServiceChain } from '../../../api/index.ts';

/** The chains of a namespace beyond its limit. */
export interface ChainsExceeded {
  readonly limit: 'chainsPerNamespace';
  readonly most: number;
  readonly wanted: number;
}

/**
 * Whether a chain is one too many in its namespace: the older chains count first. A chain that is on the nodes stays
 * there, because its traffic would pass without its functions.
 */
export function exceedsChains(
  chain: ServiceChain,
  slices: readonly ChainSlice[],
  chains: () => readonly ServiceChain[],
  most: number,
): ChainsExceeded | undefined {
  if (slices.length > 0 || chain.status?.pathId !== undefined) return undefined;
  const all = chains();
  if (all.length <= most) return undefined;
  const before = all.filter((each) => ageOf(each) < ageOf(chain)).length;
  return before < most ? undefined : { limit: 'chainsPerNamespace', most, wanted: all.length };
}

function ageOf({ metadata }: ServiceChain): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
}
