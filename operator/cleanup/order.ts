import { type Resource, resources } from '../runtime/resource.ts';

/**
 * What `helm uninstall` deletes while operator and agents still run, in this order: first what uses, then what is
 * used, so that each part can still answer for its own. Ports and slices follow, once nobody makes new ones.
 */
export const writtenByPeople: readonly Resource[] = [
  resources.serviceChains,
  resources.firewalls,
  resources.virtualNetworks,
];

/** What the operator made and would make again: deleted after it has stopped. The agents undo it on the nodes. */
export const madeByOperator: readonly Resource[] = [resources.chainSlices, resources.ports];

export const daemonSets: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
};
