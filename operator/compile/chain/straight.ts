// SPDX-License-Identifier: Apache-2.0
import type { ChainListener, ServiceChain } from '../../../api/index.ts';
import type { HopFacts } from './hops.ts';

/**
 * How established flows of a chain go round its functions.
 * - `Untouched`: as they are, since all functions only judge how a flow begins.
 * - `Translated`: by the nodes, as the one load balancer would: the listeners say how.
 */
export type Straight =
  | { readonly kind: 'Untouched' }
  | { readonly kind: 'Translated'; readonly listeners: readonly ChainListener[] };

/** Undefined: they do not, and every packet goes through all functions. Pure. */
export function straightOf({ spec }: ServiceChain, hops: readonly HopFacts[]): Straight | undefined {
  if (spec.establishedFlows !== 'Straight') return undefined;
  if (hops.every(({ found }) => found?.judgesBeginnings === true)) return { kind: 'Untouched' };
  const [only, ...others] = hops;
  const listeners = others.length === 0 ? only?.found?.translates : undefined;
  // What else went through it would come out as it was, and nobody could tell.
  const isAllOfTo =
    spec.to !== undefined &&
    spec.to.length > 0 &&
    spec.to.every((endpoint) => endpoint.loadBalancer === only?.ref.name);
  return listeners && isAllOfTo ? { kind: 'Translated', listeners } : undefined;
}
