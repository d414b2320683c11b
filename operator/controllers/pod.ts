// SPDX-License-Identifier: Apache-2.0
import { annotations, type Port } from '../../api/index.ts';
import { type Key, keyOf } from '../../api/key.ts';
import { isAlreadyExists, isNotFound } from '../../kube/api-error.ts';
import { Controller, watch } from '../../kube/controller.ts';
import { resources } from '../../kube/resource.ts';
import type { PassResult } from '../../kube/workqueue.ts';
import { allFunctionKinds } from '../compile/function/kinds.ts';
import { Waiting } from '../compile/network/waiting.ts';
import { mergeNetworkStatus } from '../compile/ports/network-status.ts';
import { compilePod } from '../compile/ports/pod.ts';
import type { PodPlan, PortPlan } from '../compile/ports/types.ts';
import type { Pod } from '../observe/stores.ts';
import type { ControllerDeps } from './deps.ts';
import { functionsOf } from './function/stores.ts';
import { ledgerOf } from './network/ledger.ts';
import { concernsNetworks, observePod } from './pod/snapshot.ts';
import { subjectOf } from './pod/subject.ts';
import {
  podsOfDefinition,
  podsOfFunction,
  podsOfMaker,
  podsOfNamespace,
  podsOfNetwork,
  podsOfNode,
  podsOfPod,
  podsOfPort,
  podsOfReport,
} from './pod/triggers.ts';

const RESYNC_MS = 10 * 60_000;
/** How long a claim stays reserved until the watch shows its Port. After that its write has failed. */
const UNSEEN_MS = 120_000;
/** Waiting pods get a reconcile pass at this interval even when nothing wakes them. */
const RETRY_MS = 60_000;

/** Creates the controller that makes the Ports of pods, their Events, and the annotation with the result. */
export function createPodController(deps: ControllerDeps): Controller {
  const { stores, writer, events, clock, random } = deps;
  const ledger = ledgerOf(stores);
  const waiting = new Waiting();
  /** News that each pod was told last. */
  const told = new Map<Key, string>();

  return new Controller({
    name: 'pod',
    watches: [
      watch(stores.pods, podsOfPod),
      watch(stores.ports, (old, now) => podsOfPort(waiting, old, now)),
      watch(stores.virtualNetworks, (old, now) => podsOfNetwork({ stores, waiting, old, now })),
      watch(stores.attachmentDefinitions, (old, now) => podsOfDefinition(waiting, old, now)),
      watch(stores.namespaces, (old, now) => podsOfNamespace(waiting, old, now)),
      watch(stores.nodes, (old, now) => podsOfNode(stores, old, now)),
      ...allFunctionKinds.map((kind) =>
        watch(functionsOf(stores, kind), (old, now) => podsOfFunction(stores, old, now)),
      ),
      watch(stores.replicaSets, (old, now) => podsOfMaker(stores, old, now)),
      watch(stores.deployments, (old, now) => podsOfMaker(stores, old, now)),
      watch(stores.nodeReports, (old, now) => podsOfReport(stores, old, now)),
    ],
    resync: {
      everyMs: RESYNC_MS,
      keys: () => [...stores.pods.values()].filter(concernsNetworks).map(keyOf),
    },
    concurrency: 12,
    reconcile,
    ...deps.controller,
  });

  async function reconcile(key: Key): Promise<PassResult | undefined> {
    const pod = stores.pods.get(key);
    ledger.expire(clock.monotonic());
    const plan =
      pod === undefined
        ? undefined
        : compilePod(observePod({ stores, ledger, pod, limits: deps.limits, waited: waiting.has(key) }));
    waiting.set(key, plan?.waitsFor ?? []);
    if (pod === undefined || plan === undefined) {
      told.delete(key);
      return undefined;
    }
    tell(pod, plan);
    tellNews(pod, plan);
    const seen = await claimAll(plan.create);
    try {
      for (const { port, mtu } of plan.resize) await patchPort(port, { mtu });
      for (const { port, spec, remark } of plan.reroute) {
        await patchPort(port, spec);
        if (remark !== undefined) events.record({ object: subjectOf(pod), ...remark });
      }
      for (const port of plan.remove) await remove(port);
      await publish(pod);
    } catch (error) {
      // The pod or its Port was deleted in the meantime; the watch will show it.
      if (!isNotFound(error)) throw error;
    }
    const settled = seen && plan.remarks.length === 0 && plan.waitsFor.length === 0;
    return settled ? undefined : { requeueAfterMs: RETRY_MS * (0.75 + random() / 2) };
  }

  function tell(pod: Pod, { remarks }: Pick<PodPlan, 'remarks'>): void {
    if (pod.metadata.deletionTimestamp !== undefined) return;
    for (const remark of remarks) events.record({ object: subjectOf(pod), ...remark });
  }

  /** Records what is new since the last pass over the pod. It stays true for long, and is not repeated. */
  function tellNews(pod: Pod, { news }: PodPlan): void {
    const key = keyOf(pod);
    const text = news.map(({ message }) => message).join();
    if (text !== (told.get(key) ?? '')) tell(pod, { remarks: news });
    if (text === '') told.delete(key);
    else told.set(key, text);
  }

  /**
   * Creates all Ports. All claims are reserved before the first write, so that no other pass can choose the same
   * ones. False when one of the Ports was sent before and is not seen yet.
   */
  async function claimAll(plans: readonly PortPlan[]): Promise<boolean> {
    if (plans.some(({ claim }) => ledger.isReserved(claim.key))) return false;
    const until = clock.monotonic() + UNSEEN_MS;
    for (const { claim } of plans) ledger.reserve(claim, until);
    const results = await Promise.allSettled(plans.map(create));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return results.every((result) => result.status === 'fulfilled' && result.value);
  }

  async function create({ port, claim }: PortPlan): Promise<boolean> {
    try {
      await writer.create(resources.ports, port);
      return true;
    } catch (error) {
      ledger.release(claim.key);
      // The Port exists: another leader made it, or this one did and lost the answer. The watch will show it.
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }

  async function patchPort({ metadata }: Port, spec: Partial<Port['spec']>): Promise<void> {
    const { namespace, name, uid } = metadata;
    const ref = { resource: resources.ports, namespace, name };
    await writer.patch(ref, { spec }, { preconditions: { uid } });
  }

  async function remove({ metadata }: Port): Promise<void> {
    const { namespace, name, uid, resourceVersion } = metadata;
    await writer.delete({ resource: resources.ports, namespace, name }, { uid, resourceVersion });
  }

  // Other CNIs write the same annotation, so write only over the version that was read.
  async function publish(pod: Pod): Promise<void> {
    const { namespace, name, uid, resourceVersion, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) return;
    const existing = pod.metadata.annotations[annotations.networkStatus];
    const text = mergeNetworkStatus(existing, stores.ports.byIndex('pod', uid));
    if (text === undefined) return;
    await writer.patch(
      { resource: resources.pods, namespace, name },
      { metadata: { annotations: { [annotations.networkStatus]: text } } },
      { preconditions: { uid, resourceVersion } },
    );
  }
}
