// SPDX-License-Identifier: Apache-2.0
import type { ChainListener, ServiceChain } from '../../../api/index.ts';
import type { HopFacts } from './hops.ts';

/**
 * How the packets of established flows bypass the functions of a chain (fast path).
 * - `Untouched`: the packets do not change, because all functions only judge the first packets of a flow.
 * - `Translated`: the nodes translate addresses as the one load balancer of the chain would, from its listeners.
 */
export type Straight =
  | { readonly kind: 'Untouched' }
  | { readonly kind: 'Translated'; readonly listeners: readonly ChainListener[] };

/** The fast path of a chain. Undefined when it has none, and every packet passes all functions. Pure. */
export function straightOf({ spec }: ServiceChain, hops: readonly HopFacts[]): Straight | undefined {
  if (spec.establishedFlows !== 'Straight') return undefined;
  if (hops.every(({ found }) => found?.judgesBeginnings === true)) return { kind: 'Untouched' };
  const [only, ...others] = hops;
  const listeners = others.length === 0 ? only?.found?.translates : undefined;
  // A packet to another destination passes the load balancer unchanged, and nodes could not tell its flow from a
  // translated one.
  const isAllOfTo =
    spec.to !== undefined &&
    spec.to.length > 0 &&
    spec.to.every((endpoint) => endpoint.loadBalancer === only?.ref.name);
  return listeners && isAllOfTo ? { kind: 'Translated', listeners } : undefined;
}
