// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancer } from '../../../api/index.ts';
import { addressesOf, ledAddressesOf } from '../../../api/load-balancer-check.ts';
import { tryParseAddress } from '../../../api/net/address.ts';
import { networkValue } from '../../../kube/index-values.ts';
import { type Claim, Ledger } from '../../compile/addresses/ledger.ts';
import { claimOf } from '../../compile/ports/claim.ts';
import type { Stores } from '../../observe/stores.ts';

type Booked = Pick<Stores, 'ports' | 'loadBalancers' | 'virtualNetworks'>;

const ledgers = new WeakMap<Stores['ports'], Ledger>();

/**
 * The ledger of the claims of all Ports and load balancers in the stores, kept up to date from the first call on.
 * There is one ledger for each set of stores, so that the controllers that claim and those that judge use the same
 * one. It must be created before the controllers watch the store, so that it knows a Port before a controller gets
 * its key.
 */
export function ledgerOf(stores: Booked): Ledger {
  const known = ledgers.get(stores.ports);
  if (known !== undefined) return known;
  const ledger = new Ledger();
  ledgers.set(stores.ports, ledger);
  stores.ports.subscribe(
    ({ key, object }) => {
      if (object === undefined) ledger.drop(key);
      else ledger.put(claimOf(object));
    },
    { replay: true },
  );
  bookBalancers(stores, ledger);
  return ledger;
}

/** The ledger key of a load balancer's claim. No Port can have this key. */
export function claimKeyOf({ metadata }: Pick<LoadBalancer, 'metadata'>): string {
  return `LoadBalancer ${metadata.namespace}/${metadata.name}`;
}

/**
 * The claim of a load balancer in its network: the addresses that it has or asks for, and those that it had until their
 * flows have ended. Those of its status count too while an edit of its spec is not carried out yet.
 */
export function balancerClaim(
  object: LoadBalancer,
  vni: number,
  addresses: readonly string[] = addressesOf(object),
): Claim {
  return {
    key: claimKeyOf(object),
    vni,
    addresses: [...new Set([...ledAddressesOf(object), ...addresses])].flatMap(
      (text) => tryParseAddress(text) ?? [],
    ),
    createdAt: object.metadata.creationTimestamp,
  };
}

/** Without addresses a claim may be a reservation, which must stay. */
function claimsAny(object: LoadBalancer): boolean {
  return addressesOf(object).length > 0 || ledAddressesOf(object).length > 0;
}

function bookBalancers(stores: Booked, ledger: Ledger): void {
  const book = (object: LoadBalancer): void => {
    const network = networkValue({ namespace: object.metadata.namespace, name: object.spec.network });
    const vni = stores.virtualNetworks.get(network)?.status?.vni;
    if (vni === undefined) ledger.drop(claimKeyOf(object));
    else if (claimsAny(object)) ledger.put(balancerClaim(object, vni));
  };
  stores.loadBalancers.subscribe(
    ({ old, object }) => {
      if (object) book(object);
      else if (old) ledger.drop(claimKeyOf(old));
    },
    { replay: true },
  );
  // A network may get its VNI after its load balancers were added.
  stores.virtualNetworks.subscribe(({ old, object }) => {
    if (old?.status?.vni === object?.status?.vni) return;
    for (const each of stores.loadBalancers.byIndex('network', networkValue((object ?? old)!.metadata))) {
      book(each);
    }
  });
}
