// SPDX-License-Identifier: Apache-2.0
import { type Resource, resources } from '../../kube/resource.ts';

/** Deleted while the operator runs, which answers for them: what uses before what is used. */
export const servedByOperator: readonly Resource[] = [
  // Before chains: the operator makes one for each anew.
  resources.loadBalancers,
  resources.serviceChains,
  resources.firewalls,
  resources.customFunctions,
  resources.vpnPeers,
  resources.vpns,
];

/**
 * Deleted when the operator has stopped, so that it makes none anew. Agents still run, and undo on the nodes what
 * goes here.
 */
export const servedByAgents: readonly Resource[] = [
  // Before those of the current group, which they stand in for (api/former.ts).
  resources.formerChainSlices,
  resources.chainSlices,
  resources.ports,
];

/**
 * Deleted when the nodes have nothing left of them. A network waits for the end of its pods as long as there is an
 * operator; these pods go on, so its finalizer is removed.
 */
export const servedByNobody: readonly Resource[] = [resources.virtualNetworks];

export const daemonSets: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
};
