// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from '../../../api/field-error.ts';
import type { LoadBalancer, VirtualNetwork } from '../../../api/index.ts';
import { addressesOf, ledAddressesOf } from '../../../api/load-balancer-check.ts';
import { type Address, formatAddress, tryParseAddress } from '../../../api/net/address.ts';
import { contains } from '../../../api/net/range.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { Ledger } from '../../compile/addresses/ledger.ts';
import type { Pool } from '../../compile/addresses/pool.ts';
import { assignAddresses } from '../../compile/function/assign.ts';
import { type FunctionObject, needsOf } from '../../compile/function/kinds.ts';
import { ownChainNameOf } from '../../compile/function/own-chain.ts';
import { compilePools } from '../../compile/network/pools.ts';
import { routedPools } from '../../compile/ports/routed.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { checkAddresses } from '../../status/function/addresses.ts';
import type { ExposureFacts } from '../../status/function/facts.ts';
import { balancerClaim, claimKeyOf } from '../network/ledger.ts';
import { isOwned } from '../owned.ts';
import { ingressOf, storedServiceOf } from '../workload/service.ts';
import { observeShutChain, type Seen } from './ways.ts';

/** How long an allocated address stays reserved until a status shows it. After that its write has failed. */
const UNSEEN_MS = 120_000;

/** Problems of a load balancer that only other objects of its network show. */
export function observeBalancerProblems(
  stores: Pick<Stores, 'virtualNetworks' | 'loadBalancers' | 'serviceChains'>,
  ledger: Ledger,
  object: LoadBalancer,
): readonly FieldError[] {
  const { metadata, spec } = object;
  const { namespace } = metadata;
  const chain = stores.serviceChains.get(`${namespace}/${ownChainNameOf(metadata.name)}`);
  if (chain && !isOwned(chain, object)) {
    const message = `ServiceChain ${chain.metadata.name} has the name of the chain that the operator makes for this load balancer; rename one of them`;
    return [{ field: 'metadata.name', message }];
  }
  const network = stores.virtualNetworks.get(networkValue({ namespace, name: spec.network }));
  const vni = network?.status?.vni;
  if (!network || vni === undefined) return [];
  const pools = compilePools(network.spec.subnets);
  if (pools.kind === 'Invalid') return [];
  return checkAddresses({
    addresses: spec.addresses,
    assigned: addressesOf(object),
    network: { name: spec.network, pools: pools.pools },
    holdersOf: (address) => ledger.holdersOf(vni, address).filter((key) => key !== claimKeyOf(object)),
    isOlder: (key) => isOlder(stores, key, object),
    drainsAt: (key, address) => drainsAt(stores, key, address),
  });
}

/** Whether the holder of an address is a load balancer that no longer has it, and whose flows to it drain. */
function drainsAt(stores: Pick<Stores, 'loadBalancers'>, holder: string, address: Address): boolean {
  const rival = findHolder(stores, holder);
  if (!rival) return false;
  const same = (text: string): boolean => text === formatAddress(address);
  return !addressesOf(rival).some(same) && ledAddressesOf(rival).some(same);
}

function findHolder(stores: Pick<Stores, 'loadBalancers'>, holder: string): LoadBalancer | undefined {
  return [...stores.loadBalancers.values()].find((other) => claimKeyOf(other) === holder);
}

/** Whether the holder of an address has precedence: an older load balancer has, and so has every Port. */
function isOlder(stores: Pick<Stores, 'loadBalancers'>, holder: string, { metadata }: LoadBalancer): boolean {
  const rival = findHolder(stores, holder);
  if (!rival) return true;
  const [a, b] = [rival.metadata.creationTimestamp ?? '', metadata.creationTimestamp ?? ''];
  return a < b || (a === b && rival.metadata.name < metadata.name);
}

/**
 * The subnets that a load balancer gets addresses from: those that are routed into pods, which could not reach it in others,
 * and those of the addresses that it has.
 */
function poolsFor(network: VirtualNetwork, held: readonly Address[]): readonly Pool[] {
  const compiled = compilePools(network.spec.subnets);
  if (compiled.kind === 'Invalid') return [];
  const { pools, unrouted } = routedPools(compiled.pools, network.status?.routes);
  const has = ({ family, subnet }: Pool) =>
    held.some((address) => address.family === family && contains(subnet, address.value));
  return [...pools, ...unrouted.filter(has)];
}

/**
 * The addresses of a load balancer: those in its spec unless another object has them, then those that it was given
 * before and may keep, then free ones, which are reserved from now on. Empty while its network has no VNI.
 */
export function takeAddresses(options: {
  readonly stores: Pick<Stores, 'virtualNetworks'>;
  readonly ledger: Ledger;
  readonly object: LoadBalancer;
  /** The addresses that it was given last. */
  readonly held: readonly string[];
  /** Whether its spec has problems. The load balancer then keeps the addresses that it has. */
  readonly hasProblems: boolean;
  readonly now: number;
}): readonly string[] {
  const { stores, ledger, object, held, hasProblems, now } = options;
  const asked = object.spec.addresses;
  if (asked) return hasProblems ? held.filter((each) => asked.includes(each)) : asked;
  const network = stores.virtualNetworks.get(
    networkValue({ namespace: object.metadata.namespace, name: object.spec.network }),
  );
  const vni = network?.status?.vni;
  if (!network || vni === undefined) return [];
  const own = claimKeyOf(object);
  const known = held.flatMap((text) => tryParseAddress(text) ?? []);
  const assigned = assignAddresses({
    pools: poolsFor(network, known),
    held: known,
    isFree: (address) => ledger.holdersOf(vni, address).every((key) => key === own),
    taken: (family) => ledger.taken(vni, family),
    recent: (family) => ledger.recent(vni, family),
  });
  const texts = assigned.map(formatAddress);
  if (texts.join() !== held.join()) {
    ledger.drop(own);
    ledger.reserve(balancerClaim(object, vni, texts), now + UNSEEN_MS);
  }
  return texts;
}

/** The state of the Service of a load balancer; undefined when it asks for none. */
export function observeExposure(
  stores: Seen & Pick<Stores, 'services'>,
  object: FunctionObject,
  refusal: string | undefined,
): ExposureFacts | undefined {
  const { service } = needsOf(object);
  if (!service) return undefined;
  const found = storedServiceOf(stores, ownerOf(object));
  return {
    type: service.expose.type,
    refusal,
    shutBy: object.kind === 'LoadBalancer' ? observeShutChain(stores, object) : undefined,
    ports: (found?.spec?.ports ?? []).map(({ protocol = 'TCP', port, nodePort }) => ({
      protocol,
      port,
      nodePort,
    })),
    ingress: ingressOf(found),
  };
}
