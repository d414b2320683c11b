// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from '../../../api/field-error.ts';
import type { LoadBalancerStatus } from '../../../api/index.ts';
import { joinKey, keyOf, keyOfRef } from '../../../api/key.ts';
import { functionValue, networkValue } from '../../../kube/index-values.ts';
import type { Ledger } from '../../compile/addresses/ledger.ts';
import type { Candidate } from '../../compile/function/backends.ts';
import { type FunctionObject, kindOf, needsOf } from '../../compile/function/kinds.ts';
import type { BackendNeeds } from '../../compile/function/needs.ts';
import type { PathFacts } from '../../compile/function/selected-pods.ts';
import { type Owner, ownerOf } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';
import type { BalancingFacts } from '../../status/function/facts.ts';
import { weightOf } from '../chain/instances.ts';
import { isAccepted, observeMember, observeMembers } from '../chain/members.ts';
import { hasEnded } from '../workload/pods.ts';
import { observeBalancerProblems } from './balancer.ts';

/** The paths that a function is on, with the pods of their networks. */
export function observePaths(stores: Stores, owner: Owner): PathFacts[] {
  const chains = stores.serviceChains.byIndex('function', functionValue(owner.namespace, owner));
  return chains.flatMap(({ metadata, spec, status }) => {
    const network = { namespace: metadata.namespace, name: spec.network };
    const vni = stores.virtualNetworks.get(keyOfRef(network))?.status?.vni;
    if (status?.pathId === undefined || vni === undefined) return [];
    const position = spec.functions.findIndex(({ kind, name }) => kind === owner.kind && name === owner.name);
    const members = observeMembers(stores, networkValue(network));
    const { pathId, outsidePathId } = status;
    // On the path of clients outside a load balancer comes first; see compile/chain/outside.ts.
    const outside =
      outsidePathId === undefined || owner.kind === 'LoadBalancer'
        ? []
        : [{ pathId: outsidePathId, vni, position: position + 1, members }];
    return [{ pathId, vni, position, members }, ...outside];
  });
}

/** The pods on the network of a load balancer. */
export function observeCandidates(
  stores: Stores,
  { namespace }: Pick<Owner, 'namespace'>,
  { network }: BackendNeeds,
): readonly Candidate[] {
  return stores.ports.byIndex('network', networkValue({ namespace, name: network })).flatMap((port) => {
    const member = isAccepted(port) ? observeMember(stores, port) : undefined;
    const pod = stores.pods.get(joinKey(port.metadata.namespace, port.spec.pod.name));
    if (!member || !pod || hasEnded(pod.status.phase)) return [];
    const { ready } = pod.status;
    const leaving = pod.metadata.deletionTimestamp !== undefined;
    return [{ member, pod: keyOf(pod), weight: weightOf(pod), ready, leaving }];
  });
}

/**
 * The addresses and prefixes that somebody on the network of a load balancer has: all Ports, and all that is behind VPNs,
 * whose prefixes no Port has for a moment while another gateway becomes active.
 */
export function observeHeld(
  stores: Stores,
  { namespace }: Pick<Owner, 'namespace'>,
  { network }: BackendNeeds,
): readonly string[] {
  const value = networkValue({ namespace, name: network });
  const ports = stores.ports.byIndex('network', value);
  const vpns = stores.vpns.byIndex('network', value);
  return [
    ...ports.flatMap(({ spec }) => [...(spec.addresses ?? []), ...(spec.prefixes ?? [])]),
    ...vpns.flatMap((vpn) => [
      ...vpn.spec.pool,
      ...stores.vpnPeers.byIndex('vpn', keyOf(vpn)).flatMap(({ spec }) => spec.allowedIPs ?? []),
    ]),
  ];
}

/** The facts for the conditions of a load balancer; undefined for other functions. */
export function observeBalancing(
  stores: Stores,
  object: FunctionObject,
  details: Pick<LoadBalancerStatus, 'backends'>,
): BalancingFacts | undefined {
  const { backends } = needsOf(object);
  if (!backends) return undefined;
  const network = stores.virtualNetworks.get(`${object.metadata.namespace}/${backends.network}`);
  return {
    network: backends.network,
    networkFound: network?.status?.vni !== undefined,
    hasPath: observePaths(stores, ownerOf(object)).length > 0,
    backends: details.backends ?? [],
  };
}

/** The problems of a function: those of its spec alone, or else those that other objects show. */
export function observeProblems(
  stores: Stores,
  ledger: Ledger,
  object: FunctionObject,
): readonly FieldError[] {
  const own = kindOf(object).check(object.spec);
  if (own.length > 0 || object.kind !== 'LoadBalancer') return own;
  return observeBalancerProblems(stores, ledger, object);
}
