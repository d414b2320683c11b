// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import type { FieldError } from '../../../api/field-error.ts';
import { type Address, parseAddress } from '../../../api/net/address.ts';
import { contains } from '../../../api/net/range.ts';
import type { Pool } from '../../compile/addresses/pool.ts';

/**
 * Checks the addresses of a load balancer against its network: each must be a host address in a subnet, and no other
 * object may have it. Of two load balancers the older one keeps an address, and one whose flows to it drain. Pure; the addresses themselves are valid
 * already.
 */
export function checkAddresses(options: {
  /** Addresses in the spec. */
  readonly addresses: readonly string[] | undefined;
  /** Addresses that it was given, when the spec has none. */
  readonly assigned: readonly string[];
  readonly network: { readonly name: string; readonly pools: readonly Pool[] };
  /** Ports and other load balancers that have an address. */
  readonly holdersOf: (address: Address) => readonly string[];
  readonly isOlder: (holder: string) => boolean;
  /** Whether a holder is a load balancer that no longer has the address, and whose flows to it drain. */
  readonly drainsAt: (holder: string, address: Address) => boolean;
}): readonly FieldError[] {
  const { addresses, assigned, network } = options;
  if (!addresses) {
    if (assigned.length > 0 || network.pools.length === 0) return [];
    const message = `network ${network.name} has no free address; add a subnet, or remove pods. Subnets that are not routed into pods give none (condition Routed of the network)`;
    return [{ field: 'spec.addresses', message }];
  }
  return addresses.flatMap((text, i) => {
    const message = complaintOf(text, options);
    return message === undefined ? [] : [{ field: `spec.addresses[${i}]`, message }];
  });
}

function complaintOf(
  text: string,
  { network, holdersOf, isOlder, drainsAt }: Parameters<typeof checkAddresses>[0],
): string | undefined {
  const address = parseAddress(text);
  const pool = network.pools.find(
    ({ family, subnet }) => family === address.family && contains(subnet, address.value),
  );
  if (!pool) return `${text} is in no subnet of network ${network.name}; use one that is`;
  if (!contains(pool.usable, address.value)) {
    return `${text} is the first or last address of subnet ${pool.cidr}, which no host can have; use another`;
  }
  const drains = (holder: string): boolean => drainsAt(holder, address);
  const holders = holdersOf(address).filter((holder) => isOlder(holder) || drains(holder));
  if (holders.length === 0) return undefined;
  return holders.every(drains)
    ? `${text} was taken from ${nameSome(holders)}, whose flows to it drain; wait until it is no longer in status.draining there, or use another`
    : `${text} is in use by ${nameSome(holders)}; use another`;
}
