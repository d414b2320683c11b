// SPDX-License-Identifier: Apache-2.0
import { selectedPodsNameOf } from '../../api/function-names.ts';
import { type Key, keyOf } from '../../api/key.ts';
import { type Controller, watch } from '../../kube/controller.ts';
import { resources } from '../../kube/resource.ts';
import type { PassResult } from '../../kube/workqueue.ts';
import type { Ensurer } from '../apply/ensure.ts';
import { prune } from '../apply/prune.ts';
import { compileFunction } from '../compile/function/compile.ts';
import {
  allFunctionKinds,
  type FunctionKind,
  type FunctionObject,
  needsOf,
} from '../compile/function/kinds.ts';
import { compileOwnChain } from '../compile/function/own-chain.ts';
import type { SelectedPodsMap } from '../compile/function/selected-pods.ts';
import { compileFunctionService } from '../compile/function/service.ts';
import { assignSourcePorts, type Shares } from '../compile/function/source-ports.ts';
import { ownerOf } from '../compile/workload/types.ts';
import type { ControllerDeps } from './deps.ts';
import { createFunctionMemories, type FunctionMemory } from './function/memory.ts';
import { refuseSecrets } from './function/secret-access.ts';
import { observeCandidates, observeHeld, observePaths } from './function/snapshot.ts';
import { observeInstanceIds, observeSourcePorts } from './function/source-ports.ts';
import { createFunctionStatus, type FunctionStatusDeps } from './function/status.ts';
import { functionsOf } from './function/stores.ts';
import { createTriggers } from './function/triggers.ts';
import { observeWays } from './function/ways.ts';
import { isOwned } from './owned.ts';
import { createPair } from './workload/controllers.ts';
import { ensurePods } from './workload/ensure-pods.ts';
import { refusalOf } from './workload/refusal.ts';
import { applyService } from './workload/service.ts';
import { ofOwned } from './workload/triggers.ts';

/** How soon to look again when the cluster refuses something, or when the function has Secrets that may refuse it later. */
const RECHECK_MS = 10_000;

export interface FunctionDeps extends ControllerDeps, Pick<FunctionStatusDeps, 'fetchReport' | 'budget'> {
  /** The image of each kind of function. */
  readonly images: Readonly<Record<FunctionKind, string>>;
}

/** The controllers of every kind of function. */
export function createFunctionControllers(deps: FunctionDeps): readonly Controller[] {
  return allFunctionKinds.flatMap((kind) => createControllers(kind, deps));
}

/**
 * The two controllers of one kind: one applies rights, Deployment and selected pods; the other turns instances'
 * reports into the status.
 */
function createControllers(kind: FunctionKind, deps: FunctionDeps): readonly Controller[] {
  const { stores, writer, images } = deps;
  const functions = functionsOf(stores, kind);
  const triggers = createTriggers(stores, kind);
  const memories = createFunctionMemories(kind, deps.clock);

  const pair = createPair({
    kind,
    deps,
    store: functions,
    desired: {
      watches: [
        watch(stores.configMaps, ofOwned(kind)),
        watch(stores.secrets, ofOwned(kind)),
        watch(stores.serviceChains, triggers.ofChain),
        watch(stores.serviceChains, ofOwned(kind)),
        watch(stores.virtualNetworks, triggers.ofNetwork),
        watch(stores.ports, triggers.ofPort),
        watch(stores.ports, triggers.ofInstance),
        watch(stores.pods, triggers.ofLabels),
        watch(stores.pods, triggers.ofBackend),
        watch(stores.namespaces, triggers.ofNamespace),
      ],
      make,
      forget: (key) => memories.forget(key),
    },
    status: createFunctionStatus(kind, { ...deps, memories }),
  });
  return [pair.desired, pair.status];

  async function make(object: FunctionObject, key: Key, ensurer: Ensurer): Promise<PassResult | undefined> {
    const owner = ownerOf(object);
    const needs = needsOf(object);
    const compiled = compileFunction({
      owner,
      needs,
      paths: needs.selectors.length > 0 || needs.backends ? observePaths(stores, owner) : [],
      candidates: needs.backends && observeCandidates(stores, owner, needs.backends),
      held: needs.backends?.addresses.length ? observeHeld(stores, owner, needs.backends) : undefined,
      sourcePorts: needs.backends && giveSourcePorts(object, needs.replicas),
      ways: object.kind === 'LoadBalancer' ? observeWays(stores, object) : undefined,
      image: images[owner.kind],
    });
    const write = async () => {
      await applySelectedPods(object, compiled.selectedPods, ensurer);
      await ensurePods({ stores, writer, ensurer, owner, pods: compiled });
      if (needs.backends) await applyOwnChain(object, needs.backends.network, ensurer);
    };
    const podsRefusal = (await refuseSecrets(writer, object)) ?? (await refusalOf(write));
    const service = needs.service && compileFunctionService(owner, needs.service);
    const refusal = await applyService({ stores, writer, ensurer, owner, service });
    note(key, object, { refusal, podsRefusal, podsTooLarge: sizeOf(compiled.selectedPods) });
    // A node port that is in use may become free, a quota be raised, or an annotation of a Secret be taken away, and no
    // watch shows that.
    const isSettled = refusal === undefined && podsRefusal === undefined && !needs.allowedSecrets?.length;
    return isSettled ? undefined : { requeueAfterMs: RECHECK_MS };
  }

  /**
   * Applies the chain of a load balancer that is used alone. An object of this name that Heddle did not make stays as
   * it is; the condition Accepted reports it.
   */
  async function applyOwnChain(object: FunctionObject, network: string, ensurer: Ensurer): Promise<void> {
    const chain = compileOwnChain(ownerOf(object), network);
    const stored = stores.serviceChains.get(keyOf(chain));
    if (stored && !isOwned(stored, object)) return;
    await ensurer.ensure({ resource: resources.serviceChains, object: chain, stored });
  }

  function giveSourcePorts(object: FunctionObject, replicas: number): Shares {
    const memory = memories.of(object);
    const owner = ownerOf(object);
    const held = memory.sourcePorts ?? observeSourcePorts(stores, owner);
    memory.sourcePorts = assignSourcePorts({ held, instances: observeInstanceIds(stores, owner), replicas });
    return memory.sourcePorts;
  }

  async function applySelectedPods(
    object: FunctionObject,
    selectedPods: SelectedPodsMap,
    ensurer: Ensurer,
  ): Promise<void> {
    const { namespace, name } = object.metadata;
    const stored = stores.configMaps.get(`${namespace}/${selectedPodsNameOf(kind, name)}`);
    switch (selectedPods.kind) {
      case 'ConfigMap':
        return ensurer.ensure({ resource: resources.configMaps, object: selectedPods.object, stored });
      case 'TooLarge':
        return;
      case 'None': {
        const superfluous = stored && isOwned(stored, object) ? [stored] : [];
        return prune({ writer, resource: resources.configMaps, stored: superfluous, wanted: new Set() });
      }
    }
  }

  /** Stores for the status controller what only this pass knows. */
  function note(
    key: Key,
    object: FunctionObject,
    now: Pick<FunctionMemory, 'refusal' | 'podsRefusal' | 'podsTooLarge'>,
  ): void {
    const memory = memories.of(object);
    const isNews =
      memory.refusal !== now.refusal ||
      memory.podsRefusal !== now.podsRefusal ||
      memory.podsTooLarge !== now.podsTooLarge;
    Object.assign(memory, now);
    if (isNews) pair.status.enqueue(key);
  }
}

/** Size of the selected pods in bytes when one ConfigMap cannot hold them, else undefined. */
function sizeOf(selectedPods: SelectedPodsMap): number | undefined {
  return selectedPods.kind === 'TooLarge' ? selectedPods.bytes : undefined;
}
