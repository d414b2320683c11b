// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancer } from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import { ledAddressesOf } from '../../../api/load-balancer-check.ts';
import { type AddressRange, parseRange } from '../../../api/net/range.ts';
import type { SelectedPods } from '../../../api/selected-pods.ts';
import { functionValue, networkValue } from '../../../kube/index-values.ts';
import type { ExposedBalancer } from '../../compile/chain/outside.ts';
import { compileWays, shutChain, type WaysOptions } from '../../compile/function/ways.ts';
import type { Stores } from '../../observe/stores.ts';
import { observeMembers } from '../chain/members.ts';

export type Seen = Pick<
  Stores,
  'loadBalancers' | 'serviceChains' | 'virtualNetworks' | 'ports' | 'pods' | 'namespaces'
>;

/** Where the health checks of a load balancer and its clients outside enter the network. */
export function observeWays(stores: Seen, object: LoadBalancer): Pick<SelectedPods, 'checks' | 'outside'> {
  return compileWays(waysOptions(stores, object));
}

/** The chain that lets no client outside of an exposed load balancer in. */
export function observeShutChain(stores: Seen, object: LoadBalancer): string | undefined {
  return shutChain(waysOptions(stores, object));
}

function waysOptions(stores: Seen, object: LoadBalancer): WaysOptions {
  const { namespace, name } = object.metadata;
  return {
    balancer: renderBalancer(object),
    others: (other) => observeBalancer(stores, namespace, other),
    chains: stores.serviceChains.byIndex('function', functionValue(namespace, { kind: object.kind, name })),
    own: object.spec.expose ? observeRanges(stores, object) : [],
  };
}

/** A load balancer as the chains of its namespace see it; undefined if it does not exist or is being deleted. */
export function observeBalancer(
  stores: Pick<Stores, 'loadBalancers'>,
  namespace: string,
  name: string,
): ExposedBalancer | undefined {
  const found = stores.loadBalancers.get(joinKey(namespace, name));
  return found && !found.metadata.deletionTimestamp ? renderBalancer(found) : undefined;
}

function renderBalancer(object: LoadBalancer): ExposedBalancer {
  const { metadata, spec } = object;
  return {
    name: metadata.name,
    network: spec.network,
    isExposed: spec.expose !== undefined,
    addresses: ledAddressesOf(object),
  };
}

/** The ranges of a load balancer's network: its subnets, and what its pods may send from besides. */
function observeRanges(stores: Seen, { metadata, spec }: LoadBalancer): readonly AddressRange[] {
  const network = networkValue({ namespace: metadata.namespace, name: spec.network });
  const subnets = stores.virtualNetworks.get(network)?.spec.subnets ?? [];
  const prefixes = observeMembers(stores, network).flatMap((member) => member.prefixes);
  return [...subnets.map(({ cidr }) => cidr), ...prefixes].map(parseRange);
}
