// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../api/conditions.ts';
import type { Key } from '../../api/key.ts';
import type { Prefix } from '../../api/net/prefix.ts';
import { Controller, type KeySource, watch, watchOwn } from '../../kube/controller.ts';
import type { Change, StoreReader } from '../../kube/store.ts';
import type { PassResult } from '../../kube/workqueue.ts';
import { applyEndpointSlices } from '../apply/endpoint-slices.ts';
import { DEFAULT_LIMITS } from '../compile/limits.ts';
import { compileNames } from '../compile/names/compile.ts';
import type { NamedService } from '../observe/stores.ts';
import type { ControllerDeps } from './deps.ts';
import { observeNames, observeSlices } from './names/snapshot.ts';
import {
  servicesBeside,
  servicesOfBalancer,
  servicesOfNamespace,
  servicesOfNetwork,
  servicesOfNode,
  servicesOfPod,
  servicesOfPort,
  servicesOfRange,
  servicesOfSlice,
} from './names/triggers.ts';
import { Unseen } from './names/unseen.ts';

/** Delay after a change of a pod, in milliseconds: pods may come by the hundred, and each pass may write a slice. */
const GATHER_MS = 100;
/** Interval for a new attempt when an object of others has the name of a slice. */
const RETRY_MS = 15_000;
/** Interval for telling again what is wrong: the API server forgets Events after an hour. */
const RESYNC_MS = 30 * 60_000;

export interface NamesDeps extends ControllerDeps {
  /** Ranges of the cluster that the chart's values name. */
  readonly clusterRanges: readonly Prefix[];
}

/**
 * Creates the controller that keeps the EndpointSlices of Services that name what is on a network. Keys are those of
 * the Services.
 */
export function createNamesController(deps: NamesDeps): Controller {
  const { stores, writer, events, clock, clusterRanges } = deps;
  const most = (deps.limits ?? DEFAULT_LIMITS).namedServicesPerNamespace;
  const unseen = new Unseen();

  const later =
    <T>(
      store: Pick<StoreReader<T, never>, 'subscribe'>,
      toKeys: (old: T | undefined, object: T | undefined) => readonly Key[],
    ): KeySource =>
    () =>
      store.subscribe(({ old, object }: Change<T>) => {
        for (const key of toKeys(old, object)) controller.enqueueAfter(key, GATHER_MS);
      });
  const controller = new Controller({
    name: 'names',
    watches: [
      watchOwn(stores.namedServices),
      watch(stores.namedServices, (old, now) => servicesBeside(stores, old, now, most)),
      watch(stores.endpointSlices, servicesOfSlice),
      later(stores.ports, (old, now) => servicesOfPort(stores, old, now)),
      later(stores.pods, (old, now) => servicesOfPod(stores, old, now)),
      later(stores.nodes, (old, now) => servicesOfNode(stores, old, now)),
      later(stores.nodes, (old, now) => servicesOfRange(stores, old, now)),
      later(stores.serviceCidrs, (old, now) => servicesOfRange(stores, old, now)),
      later(stores.apiService, (old, now) => servicesOfRange(stores, old, now)),
      later(stores.virtualNetworks, (old, now) => servicesOfNetwork(stores, old, now)),
      later(stores.loadBalancers, (old, now) => servicesOfBalancer(stores, old, now)),
      later(stores.namespaces, (old, now) => servicesOfNamespace(stores, old, now)),
    ],
    resync: { everyMs: RESYNC_MS, keys: () => stores.namedServices.keys() },
    concurrency: 4,
    reconcile,
    ...deps.controller,
  });
  return controller;

  async function reconcile(key: Key): Promise<PassResult | undefined> {
    const service = stores.namedServices.get(key);
    const stored = observeSlices(stores, key);
    if (!service) {
      // It is gone, or asks for names no more. The garbage collector would come for the first case only.
      unseen.forget(key);
      await applyEndpointSlices({ writer, wanted: [], stored });
      return undefined;
    }
    if (isEnding(service)) return undefined;
    const wait = unseen.waitFor(key, stored, clock.monotonic());
    if (wait > 0) return { requeueAfterMs: wait };
    const plan = compileNames(observeNames(stores, service, { namedRanges: clusterRanges, most }));
    if (plan.remark) events.record({ object: service, ...plan.remark });
    const { written, taken } = await applyEndpointSlices({ writer, wanted: plan.slices, stored });
    unseen.note(key, written, stored, clock.monotonic());
    if (taken.length === 0) return undefined;
    const message = `EndpointSlice ${nameSome(taken)} is not Heddle's; delete it, and the names of this Service become complete`;
    events.record({ object: service, type: 'Warning', reason: 'SliceTaken', message });
    return { requeueAfterMs: RETRY_MS };
  }

  /** What ends with its Service or its namespace is left to the garbage collector; nothing can be made there. */
  function isEnding({ metadata }: NamedService): boolean {
    const namespace = stores.namespaces.get(metadata.namespace);
    return [metadata, namespace?.metadata].some((each) => each?.deletionTimestamp !== undefined);
  }
}
