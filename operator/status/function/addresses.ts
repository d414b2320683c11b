// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import type { FieldError } from '../../../api/field-error.ts';
import { type Address, parseAddress } from '../../../api/net/address.ts';
import { contains } from '../../../api/net/range.ts';
import type { Pool } from '../../compile/addresses/pool.ts';

/**
 * What only its network can say of a load balancer's addresses: each must be a host's in a subnet and nobody else's; of
 * two balancers the older one has it. Pure; the addresses are good in themselves.
 */
export function checkAddresses(options: {
  /** Of the spec. */
  readonly addresses: readonly string[] | undefined;
  /** Those that it has, where the spec says none. */
  readonly assigned: readonly string[];
  readonly network: { readonly name: string; readonly pools: readonly Pool[] };
  /** Who else has an address: Ports, and load balancers. */
  readonly holdersOf: (address: Address) => readonly string[];
  readonly isOlder: (holder: string) => boolean;
}): readonly FieldError[] {
  const { addresses, assigned, network } = options;
  if (!addresses) {
    if (assigned.length > 0 || network.pools.length === 0) return [];
    const message = `network ${network.name} has no free address; add a subnet, or remove pods`;
    return [{ field: 'spec.addresses', message }];
  }
  return addresses.flatMap((text, i) => {
    const message = complaintOf(text, options);
    return message === undefined ? [] : [{ field: `spec.addresses[${i}]`, message }];
  });
}

function complaintOf(
  text: string,
  { network, holdersOf, isOlder }: Parameters<typeof checkAddresses>[0],
): string | undefined {
  const address = parseAddress(text);
  const pool = network.pools.find(
    ({ family, subnet }) => family === address.family && contains(subnet, address.value),
  );
  if (!pool) return `${text} is in no subnet of network ${network.name}; use one that is`;
  if (!contains(pool.usable, address.value)) {
    return `${text} is the first or last address of subnet ${pool.cidr}, which no host can have; use another`;
  }
  const holders = holdersOf(address).filter(isOlder);
  return holders.length > 0 ? `${text} is in use by ${nameSome(holders)}; use another` : undefined;
}
