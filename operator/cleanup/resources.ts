// SPDX-License-Identifier: Apache-2.0
import { selectorOfHeddle } from '../../api/names.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { Clock } from '../../kube/base/clock.ts';
import type { Logger } from '../../kube/base/log.ts';
import { collectionPath, type Resource, resources } from '../../kube/resource.ts';
import type { Transport } from '../../kube/transport.ts';
import { deleteObject, dropFinalizers, listRefs } from './delete.ts';
import { daemonSets, servedByAgents, servedByNobody, servedByOperator } from './order.ts';
import { type Deadline, deadlineIn, waitUntil } from './wait.ts';

export interface Cleanup {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  /** The namespace of the chart's release. */
  readonly namespace: string;
  readonly deadlineSeconds: number;
}

/**
 * Deletes every Heddle resource of the cluster, then operator and agents. Each is deleted after the objects that need
 * it.
 */
export async function deleteResources(cleanup: Cleanup): Promise<void> {
  const { clock, deadlineSeconds } = cleanup;
  const deadline = deadlineIn(clock, deadlineSeconds);
  for (const resource of servedByOperator) await deleteAll(cleanup, resource, deadline);
  await waitForFunctions(cleanup, deadline);
  await stop(cleanup, { resource: resources.deployments, name: 'heddle-operator', component: 'operator' });
  await deleteEndpointSlices(cleanup);
  for (const resource of servedByAgents) await deleteAll(cleanup, resource, deadline);
  await waitForNodes(cleanup, deadline);
  for (const resource of servedByNobody) await release(cleanup, resource);
  await stop(cleanup, { resource: daemonSets, name: 'heddle-agent', component: 'agent' });
  for (const resource of [resources.nodeReports, resources.formerNodeReports])
    await deleteAll(cleanup, resource, deadline);
  const lease = { resource: resources.leases, namespace: cleanup.namespace, name: 'heddle-operator' };
  await deleteObject(cleanup.transport, lease);
}

async function deleteAll({ transport, log }: Cleanup, resource: Resource, deadline: Deadline): Promise<void> {
  const refs = await listRefs(transport, resource);
  for (const ref of refs) await deleteObject(transport, ref);
  const gone = await waitUntil(deadline, async () => (await listRefs(transport, resource)).length === 0);
  log.info({ resource: resource.plural, deleted: refs.length }, 'deleted');
  if (!gone)
    log.warn(
      { resource: resource.plural },
      'some objects were not deleted in time: their finalizers are removed',
    );
  if (!gone) await release({ transport }, resource);
}

/** Deletes the EndpointSlices that the operator has made: their Services may be users', which stay. */
async function deleteEndpointSlices({ transport }: Cleanup): Promise<void> {
  const query = { labelSelector: selectorOfHeddle() };
  const refs = await listRefs(transport, resources.endpointSlices, { query });
  for (const ref of refs) await deleteObject(transport, ref);
}

/** Deletes objects whose finalizers no program handles any more. */
async function release({ transport }: Pick<Cleanup, 'transport'>, resource: Resource): Promise<void> {
  for (const ref of await listRefs(transport, resource)) {
    await deleteObject(transport, ref);
    await dropFinalizers(transport, ref);
  }
}

/** Waits until the garbage collector has deleted the Deployments of deleted functions. */
async function waitForFunctions({ transport, log }: Cleanup, deadline: Deadline): Promise<void> {
  const labelSelector = selectorOfHeddle('function');
  const none = async (): Promise<boolean> =>
    (await listRefs(transport, resources.deployments, { query: { labelSelector } })).length === 0;
  if (!(await waitUntil(deadline, none))) log.warn('Deployments of functions are still there');
}

interface Workload {
  readonly resource: Resource;
  readonly name: string;
  readonly component: 'operator' | 'agent';
}

async function stop({ transport, clock, log, namespace }: Cleanup, workload: Workload): Promise<void> {
  const { resource, name, component } = workload;
  await deleteObject(transport, { resource, namespace, name });
  const labelSelector = selectorOfHeddle(component);
  const none = async (): Promise<boolean> =>
    (await listRefs(transport, resources.pods, { namespace, query: { labelSelector } })).length === 0;
  // The pod object of a node that does not answer stays for minutes. This must not delay an uninstall.
  if (await waitUntil(deadlineIn(clock, 45), none)) log.info({ name }, 'stopped');
  else log.warn({ name }, 'some of its pods are still there');
}

interface NodeReports {
  readonly items: readonly { readonly status?: { readonly vnis?: readonly number[] } }[];
}

/** Waits until no NodeReport lists a network in the kernel of its node. */
async function waitForNodes({ transport, log, namespace }: Cleanup, deadline: Deadline): Promise<void> {
  const path = collectionPath(resources.nodeReports, namespace);
  const empty = async (): Promise<boolean> => {
    try {
      const reports = await transport.request<NodeReports>('GET', path);
      return reports.items.every((report) => (report.status?.vnis ?? []).length === 0);
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  };
  if (!(await waitUntil(deadline, empty))) log.warn('some nodes still report networks in their kernel');
}
