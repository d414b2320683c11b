// SPDX-License-Identifier: Apache-2.0
import type { WorkloadKind } from '../../../api/index.ts';
import { type Key, splitKey } from '../../../api/key.ts';
import type { NamespacedMeta } from '../../../api/object-meta.ts';
import { Controller, type KeySource, watch, watchOwn } from '../../../kube/controller.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { StoreReader } from '../../../kube/store.ts';
import type { PassResult } from '../../../kube/workqueue.ts';
import { Ensurer } from '../../apply/ensure.ts';
import type { ControllerDeps } from '../deps.ts';
import { isEnding } from '../ending.ts';
import { ofRefusals } from './refusal.ts';
import { ofOwned, ofPods, ofReplicaSets } from './triggers.ts';

const RESYNC_MS = 10 * 60_000;

type Result = Promise<PassResult | undefined>;

interface PairOptions<T> {
  readonly kind: WorkloadKind;
  readonly deps: ControllerDeps;
  readonly store: StoreReader<T>;
  /**
   * The controller that makes what an object asks for. A deleted object, or one that is being deleted, is forgotten
   * instead.
   */
  readonly desired: {
    /** Sources of keys besides the object itself, its Deployment and its Service. */
    readonly watches: readonly KeySource[];
    readonly make: (object: T, key: Key, ensurer: Ensurer) => Result;
    readonly forget: (key: Key) => void;
  };
  /** The controller that asks the pods of an object for their reports and writes its status, in rounds. */
  readonly status: {
    /** Sources of keys besides the object's pods and their refusal. */
    readonly watches: readonly KeySource[];
    readonly round: (key: Key, signal: AbortSignal) => Result;
  };
}

/** The two controllers of a kind that runs pods. They are separate, so that pods that do not answer delay no write. */
export interface Pair {
  readonly desired: Controller;
  readonly status: Controller;
}

export function createPair<T extends KubeObject & { readonly metadata: NamespacedMeta }>(
  options: PairOptions<T>,
): Pair {
  const { kind, deps, store, desired, status } = options;
  const { stores, writer, clock } = deps;
  const ensurer = new Ensurer({ writer, clock });
  const name = kind.toLowerCase();
  return {
    desired: new Controller({
      name,
      watches: [
        watchOwn(store),
        watch(stores.deployments, ofOwned(kind)),
        watch(stores.services, ofOwned(kind)),
        ...desired.watches,
      ],
      resync: { everyMs: RESYNC_MS, keys: () => store.keys() },
      concurrency: 4,
      reconcile,
      ...deps.controller,
    }),
    status: new Controller({
      name: `${name}-status`,
      watches: [
        watch(stores.pods, ofPods(kind, store)),
        watch(stores.deployments, ofRefusals(kind)),
        watch(stores.replicaSets, ofReplicaSets(kind, store)),
        ...status.watches,
      ],
      // 16 objects at once, so that a pod that does not answer delays no other object.
      concurrency: 16,
      reconcile: status.round,
      ...deps.controller,
    }),
  };

  async function reconcile(key: Key): Result {
    const object = store.get(key);
    if (object && !isEnding(stores, object)) return desired.make(object, key, ensurer);
    // The garbage collector deletes the objects that it owns.
    desired.forget(key);
    const { namespace = '', name: objectName } = splitKey(key);
    ensurer.forgetOwned({ kind, namespace, name: objectName });
    return undefined;
  }
}
