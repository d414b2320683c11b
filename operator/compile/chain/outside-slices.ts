// SPDX-License-Identifier: Apache-2.0
import type { ChainSlice } from '../../../api/index.ts';
import { parseAddress } from '../../../api/net/address.ts';
import { formatPrefix, hostPrefix } from '../../../api/net/prefix.ts';
import { type ChainBlueprint, compileChain } from './compile.ts';
import { sliceNameOf } from './names.ts';
import type { OutsideWay } from './outside.ts';

/** Behind the name of a chain: its path of clients outside. No chain can have such a name. */
const OUTSIDE = '/outside';

/** The name by which slices say of which path they are. */
export function outsideNameOf(chain: string): string {
  return `${chain}${OUTSIDE}`;
}

/** The chain that a slice is of, whichever of its paths it says. */
export function chainOfSlice({ spec }: Pick<ChainSlice, 'spec'>): string {
  return spec.chain.endsWith(OUTSIDE) ? spec.chain.slice(0, -OUTSIDE.length) : spec.chain;
}

/**
 * The slices of the path of clients outside (outside.ts). No address of the network classifies to it: packets get its
 * context from the load balancer that these clients reach. Nodes take it for a chain of its own. Pure.
 */
export function compileOutside(
  blueprint: ChainBlueprint,
  { way, pathId }: { readonly way: OutsideWay; readonly pathId: number },
): readonly ChainSlice[] {
  const { chain, place, hops, slices } = blueprint;
  const { ports: _, establishedFlows: __, ...spec } = chain.spec;
  const entrance = hops[way.position]!;
  const compiled = compileChain({
    ...blueprint,
    chain: { ...chain, spec: { ...spec, establishedFlows: 'Through' } },
    place: place && { ...place, pathId },
    ends: {
      from: [],
      to: way.addresses.map((text) => ({ cidr: formatPrefix(hostPrefix(parseAddress(text))) })),
      virtual: [...way.addresses].sort(),
    },
    // Who came in without an instance at its first hop came from nowhere.
    hops: [{ ...entrance, ref: { ...entrance.ref, onFailure: 'Closed' } }, ...hops],
    keepsEnds: false,
    slices: slices.map((slice) => ({ ...slice, spec: { ...slice.spec, chain: chainOfSlice(slice) } })),
  });
  return compiled.slices.map(({ metadata, spec: { chain: name, ...rest }, ...slice }) => ({
    ...slice,
    metadata: { ...metadata, name: sliceNameOf(name, rest.slice, '-outside') },
    spec: { chain: outsideNameOf(name), ...rest },
  }));
}
