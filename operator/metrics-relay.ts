// SPDX-License-Identifier: Apache-2.0
import type { Express } from 'express';
import { labels, workloadKinds } from '../api/index.ts';
import { joinKey } from '../api/key.ts';
import { channelOf } from './compile/workload/report-key.ts';
import { ownerOf, type WorkloadOwner } from './compile/workload/types.ts';
import { findLabelled, workloadsOf } from './controllers/workload/labelled.ts';
import { type InstanceStores, observePods } from './controllers/workload/pods.ts';
import { observeReportKey } from './controllers/workload/report-key.ts';
import type { Pod, Stores } from './observe/stores.ts';
import type { Budget } from './report/budget.ts';
import { type PageRequest, readPage } from './report/client.ts';

const TIMEOUT_MS = 5000;
/** A page of metrics: four series for each of 10,000 rules fit. */
const MOST_BYTES = 8 * 1024 * 1024;

type RelayStores = InstanceStores &
  Pick<Stores, 'secrets' | 'firewalls' | 'loadBalancers' | 'customFunctions' | 'vpns'>;

export interface RelayOptions {
  readonly stores: RelayStores;
  readonly budget: Budget;
  /** Default: asks the instance. */
  readonly read?: (request: PageRequest) => Promise<string>;
}

/**
 * Serves `GET /functions/NAMESPACE/POD/metrics`: the metrics of an instance. Instances answer only the operator, because
 * they cannot check tokens: that would take a right which no tenant's pod should have.
 */
export function serveFunctionMetrics(app: Express, { stores, budget, read = readPage }: RelayOptions): void {
  app.get('/functions/:namespace/:pod/metrics', async (request, response) => {
    const { namespace, pod: name } = request.params;
    const found = findInstance(stores, namespace, name);
    const [ip] = found?.pod.status.podIPs ?? [];
    const channel = found && channelOf(found.pod, observeReportKey(stores, found.owner));
    if (!found || !channel || ip === undefined) {
      response.status(404).json({ message: `${namespace}/${name} is not an instance that can be asked` });
      return;
    }
    const turn = budget.begin(namespace);
    if (!turn) {
      response.status(429).json({ message: `the budget of namespace ${namespace} is used up` });
      return;
    }
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const { spend } = turn;
      const page = await read({ ip, channel, path: '/metrics', mostBytes: MOST_BYTES, signal, spend });
      response.type('text/plain; version=0.0.4; charset=utf-8').send(page);
    } catch (error) {
      response.status(502).json({ message: `${namespace}/${name}: ${(error as Error).message}` });
    } finally {
      turn.end();
    }
  });
}

/** The pod with this name, if it is an instance of the object that its label names. */
function findInstance(
  stores: RelayStores,
  namespace: string,
  name: string,
): { readonly pod: Pod; readonly owner: WorkloadOwner } | undefined {
  const label = stores.pods.get(joinKey(namespace, name))?.metadata.labels[labels.function];
  if (label === undefined) return undefined;
  for (const kind of workloadKinds) {
    const object = findLabelled(kind, workloadsOf(stores, kind), { namespace, label });
    if (object === undefined) continue;
    const owner = ownerOf(object);
    const pod = observePods(stores, owner).find((each) => each.metadata.name === name);
    return pod && { pod, owner };
  }
  return undefined;
}
