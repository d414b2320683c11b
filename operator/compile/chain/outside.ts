// SPDX-License-Identifier: Apache-2.0
import type { ChainEndpoint, ServiceChain } from '../../../api/index.ts';
import { parseAddress } from '../../../api/net/address.ts';
import { parsePrefix } from '../../../api/net/prefix.ts';
import { type AddressRange, contains, rangeOf } from '../../../api/net/range.ts';
import { subtractRanges } from '../../../api/net/range-set.ts';

// Clients outside the network reach a load balancer with `expose` at its instances, past the ends of every chain. So
// the chain that names the load balancer decides what becomes of them: they must pass all of its functions, in order.
// Where functions come before the load balancer, these clients have a path of their own: its first hop is the instance
// that they reached, then come all functions of the chain, the load balancer among them once more.

/** Most hops of a path: 4 bits of a context. */
const MOST_HOPS = 16;

/** The fields of a load balancer that matter to the chains that name it. */
export interface ExposedBalancer {
  readonly name: string;
  readonly network: string;
  readonly isExposed: boolean;
  /** Empty until the operator has given it some. */
  readonly addresses: readonly string[];
}

/** How a chain takes clients outside of one load balancer. */
export interface OutsideWay {
  readonly balancer: string;
  /** Position of the load balancer among the functions of the chain. */
  readonly position: number;
  /** The addresses of the load balancer that the chain leads to. */
  readonly addresses: readonly string[];
  /** Ranges of source addresses; undefined: all. */
  readonly from: readonly AddressRange[] | undefined;
  /**
   * `Direct`: no function comes before the load balancer. `Through`: some do, and the chain has a path for it. `Refused`:
   * some do, and there can be no such path.
   */
  readonly kind: 'Direct' | 'Through' | 'Refused';
}

/**
 * How a chain takes clients outside, for each load balancer with `expose` that it names and leads to. A chain takes
 * those whose addresses are in a `cidr` of its `from`, and all if it has no `from`: pods and VPNs are on the network.
 */
export function outsideWays(
  { spec }: ServiceChain,
  balancer: (name: string) => ExposedBalancer | undefined,
): readonly OutsideWay[] {
  const from = spec.from?.flatMap(rangesOf);
  if (from?.length === 0) return [];
  const found = spec.functions.flatMap(({ kind, name }, position) => {
    const object = kind === 'LoadBalancer' ? balancer(name) : undefined;
    if (!object?.isExposed || object.network !== spec.network) return [];
    const addresses = object.addresses.filter((address) => leadsTo(spec.to, { name, address }));
    return addresses.length === 0 ? [] : [{ balancer: name, position, addresses, from }];
  });
  const through = found.find(({ position }) => position > 0);
  const fits = spec.functions.length < MOST_HOPS;
  return found.map((way) => {
    if (way.position === 0) return { ...way, kind: 'Direct' };
    return { ...way, kind: fits && way === through ? 'Through' : 'Refused' };
  });
}

/** The way that needs a path of its own. A chain has one at most. */
export function wayThrough(ways: readonly OutsideWay[]): OutsideWay | undefined {
  return ways.find(({ kind }) => kind === 'Through');
}

function leadsTo(
  to: readonly ChainEndpoint[] | undefined,
  { name, address }: { readonly name: string; readonly address: string },
): boolean {
  if (to === undefined) return true;
  const { family, value } = parseAddress(address);
  return to.some(
    (endpoint) =>
      endpoint.loadBalancer === name ||
      rangesOf(endpoint).some((range) => range.family === family && contains(range, value)),
  );
}

function rangesOf({ cidr, except }: ChainEndpoint): readonly AddressRange[] {
  if (cidr === undefined) return [];
  const holes = (except ?? []).map((each) => rangeOf(parsePrefix(each)));
  return subtractRanges(rangeOf(parsePrefix(cidr)), holes);
}
