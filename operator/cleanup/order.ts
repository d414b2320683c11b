// SPDX-License-Identifier: Apache-2.0
import { type Resource, resources } from '../../kube/resource.ts';

/**
 * Resources that are deleted while the operator runs, because it takes part in their deletion. A resource comes
 * before the resources that it uses.
 */
export const servedByOperator: readonly Resource[] = [
  // Load balancers before chains: the operator would make the chain of a load balancer again.
  resources.loadBalancers,
  resources.serviceChains,
  resources.firewalls,
  resources.customFunctions,
  resources.vpnPeers,
  resources.vpns,
];

/**
 * Resources that are deleted after the operator has stopped, so that it does not make them again. Agents still run,
 * and remove the state on the nodes.
 */
export const servedByAgents: readonly Resource[] = [
  // The former group before the current one, which it stands in for (api/former.ts).
  resources.formerChainSlices,
  resources.chainSlices,
  resources.ports,
];

/**
 * Resources that are deleted after the nodes have removed their state. The finalizer of a network waits for the end
 * of its pods. These pods continue to run, so the finalizer is removed.
 */
export const servedByNobody: readonly Resource[] = [resources.virtualNetworks];

export const daemonSets: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
};
