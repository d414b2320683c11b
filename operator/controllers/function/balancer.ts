// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from '../../../api/field-error.ts';
import type { LoadBalancer } from '../../../api/index.ts';
import { addressesOf } from '../../../api/load-balancer-check.ts';
import { formatAddress, tryParseAddress } from '../../../api/net/address.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { Ledger } from '../../compile/addresses/ledger.ts';
import { assignAddresses } from '../../compile/function/assign.ts';
import { type FunctionObject, needsOf } from '../../compile/function/kinds.ts';
import { ownChainNameOf } from '../../compile/function/own-chain.ts';
import { compilePools } from '../../compile/network/pools.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { checkAddresses } from '../../status/function/addresses.ts';
import type { ExposureFacts } from '../../status/function/facts.ts';
import { balancerClaim, claimKeyOf } from '../network/ledger.ts';
import { isOwned } from '../owned.ts';
import { ingressOf, storedServiceOf } from '../workload/service.ts';

/** An address that was given and not seen in a status by then was never written. */
const UNSEEN_MS = 120_000;

/** What is wrong with a load balancer beside the other objects of its network. */
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
  });
}

/** Of two load balancers the older one has an address; a Port that has it was there first. */
function isOlder(stores: Pick<Stores, 'loadBalancers'>, holder: string, { metadata }: LoadBalancer): boolean {
  const rival = [...stores.loadBalancers.values()].find((other) => claimKeyOf(other) === holder);
  if (!rival) return true;
  const [a, b] = [rival.metadata.creationTimestamp ?? '', metadata.creationTimestamp ?? ''];
  return a < b || (a === b && rival.metadata.name < metadata.name);
}

/**
 * The addresses of a load balancer: those of its spec unless somebody else has them, those that it was given and may
 * keep, else free ones, which are held from now on. None while its network has no id.
 */
export function takeAddresses(options: {
  readonly stores: Pick<Stores, 'virtualNetworks'>;
  readonly ledger: Ledger;
  readonly object: LoadBalancer;
  /** Those that it was given last. */
  readonly held: readonly string[];
  /** Of its spec; then it keeps what it has. */
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
  const pools = compilePools(network.spec.subnets);
  const own = claimKeyOf(object);
  const assigned = assignAddresses({
    pools: pools.kind === 'Pools' ? pools.pools : [],
    held: held.flatMap((text) => tryParseAddress(text) ?? []),
    isFree: (address) => ledger.holdersOf(vni, address).every((key) => key === own),
    taken: (family) => ledger.taken(vni, family),
    recent: (family) => ledger.recent(vni, family),
  });
  const texts = assigned.map(formatAddress);
  if (texts.join() !== held.join()) {
    ledger.drop(own);
    ledger.reserve({ ...balancerClaim(object, vni), addresses: assigned }, now + UNSEEN_MS);
  }
  return texts;
}

/** What became of the Service of a load balancer; undefined of a function that asks for none. */
export function observeExposure(
  stores: Pick<Stores, 'services'>,
  object: FunctionObject,
  refusal: string | undefined,
): ExposureFacts | undefined {
  const { service } = needsOf(object);
  if (!service) return undefined;
  const found = storedServiceOf(stores, ownerOf(object));
  return {
    type: service.expose.type,
    refusal,
    ports: (found?.spec?.ports ?? []).map(({ protocol = 'TCP', port, nodePort }) => ({
      protocol,
      port,
      nodePort,
    })),
    ingress: ingressOf(found),
  };
}
