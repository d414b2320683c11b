// SPDX-License-Identifier: Apache-2.0
import type { ChainSlice, NamespacedName, ServiceChain } from '../../../api/index.ts';
import { joinKey, keyOf } from '../../../api/key.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { Member } from '../../compile/chain/classifier.ts';
import type { ChainEnds } from '../../compile/chain/ends.ts';
import type { HopFacts } from '../../compile/chain/hops.ts';
import { type OutsideWay, outsideWays } from '../../compile/chain/outside.ts';
import { outsideNameOf } from '../../compile/chain/outside-slices.ts';
import type { Reports } from '../../compile/chain/reach.ts';
import type { StoredChain } from '../../compile/chain/rules-book.ts';
import type { Stores } from '../../observe/stores.ts';
import type { NetworkFacts } from '../../status/chain/facts.ts';
import { observeBalancer } from '../function/ways.ts';
import { observeEnds } from './ends.ts';
import { observeHop } from './instances.ts';
import { observeMembers } from './members.ts';

/** Everything that a reconcile pass over one chain reads. */
export interface ChainSnapshot {
  readonly chain: ServiceChain;
  readonly network: NamespacedName;
  readonly networkFacts: NetworkFacts;
  readonly vni: number | undefined;
  readonly ends: ChainEnds;
  readonly members: readonly Member[];
  readonly hops: readonly HopFacts[];
  readonly reports: Reports;
  readonly slices: readonly ChainSlice[];
  /** The slices of its path of clients outside. */
  readonly outsideSlices: readonly ChainSlice[];
  /** How it takes clients outside, for each load balancer that it names. */
  readonly outside: readonly OutsideWay[];
}

/** Reads one chain and the objects that concern it from the stores. */
export function observeChain(stores: Stores, key: string, chain: ServiceChain): ChainSnapshot {
  const { namespace } = chain.metadata;
  const network = { namespace, name: chain.spec.network };
  const { networkFacts, vni } = observeNetwork(stores, network);
  return {
    chain,
    network,
    networkFacts,
    vni,
    ends: observeEnds(stores, chain),
    members: vni === undefined ? [] : observeMembers(stores, networkValue(network)),
    hops: chain.spec.functions.map((ref) => withinNetwork(observeHop(stores, namespace, ref), chain)),
    reports: observeReports(stores),
    slices: stores.chainSlices.byIndex('chain', key),
    outsideSlices: stores.chainSlices.byIndex('chain', outsideNameOf(key)),
    outside: outsideWays(chain, (name) => observeBalancer(stores, namespace, name)),
  };
}

/** The chains of a network, each with its slices. */
export function observeStored(stores: Stores, network: string): readonly StoredChain[] {
  return stores.serviceChains.byIndex('network', network).map((chain) => {
    const key = keyOf(chain);
    return { key, chain, slices: stores.chainSlices.byIndex('chain', key) };
  });
}

/**
 * Removes the function of a hop when it belongs to another network. The hop then counts as one whose function is
 * missing.
 */
function withinNetwork(hop: HopFacts, { spec }: ServiceChain): HopFacts {
  const network = hop.found?.network;
  return network === undefined || network === spec.network ? hop : { ...hop, instances: [] };
}

/** The NodeReports and the Node objects. */
function observeReports(stores: Pick<Stores, 'nodeReports' | 'nodes'>): Reports {
  return {
    accusers: (node) => stores.nodeReports.byIndex('unreachable', node).map(({ metadata }) => metadata.name),
    isReady: (node) => stores.nodes.get(node)?.status.ready ?? false,
    hasReport: (node) => stores.nodeReports.countByIndex('node', node) > 0,
  };
}

function observeNetwork(
  stores: Stores,
  { namespace, name }: NamespacedName,
): { readonly networkFacts: NetworkFacts; readonly vni: number | undefined } {
  const network = stores.virtualNetworks.get(joinKey(namespace, name));
  if (!network) return { networkFacts: { name, state: 'Missing' }, vni: undefined };
  const vni = network.status?.vni;
  return { networkFacts: { name, state: vni === undefined ? 'NotAccepted' : 'Usable' }, vni };
}
