import { objectNameOf, peersNameOf } from '../../api/function-names.ts';
import { isInvalid } from '../../kube/api-error.ts';
import { Controller, watch, watchOwn } from '../../kube/controller.ts';
import { type Key, keyOf, splitKey } from '../../kube/object.ts';
import { resources } from '../../kube/resource.ts';
import type { PassResult } from '../../kube/workqueue.ts';
import { Ensurer } from '../apply/ensure.ts';
import { prune } from '../apply/prune.ts';
import { compileFunction } from '../compile/function/compile.ts';
import {
  allFunctionKinds,
  type FunctionKind,
  type FunctionObject,
  needsOf,
} from '../compile/function/kinds.ts';
import { compileOwnChain } from '../compile/function/own-chain.ts';
import type { Peers } from '../compile/function/peers.ts';
import { compileFunctionService, type ServiceNeeds } from '../compile/function/service.ts';
import { ownerOf } from '../compile/workload/types.ts';
import type { ControllerDeps } from './deps.ts';
import { isEnding } from './ending.ts';
import { observeCandidates, observePaths } from './function/snapshot.ts';
import { createFunctionStatusController, type FunctionStatusDeps } from './function/status.ts';
import { functionsOf } from './function/stores.ts';
import { createTriggers } from './function/triggers.ts';
import { isOwned } from './owned.ts';
import { ensurePods } from './workload/ensure-pods.ts';

const RESYNC_MS = 10 * 60_000;
const REFUSED_MS = 10_000;

export interface FunctionDeps extends ControllerDeps, Pick<FunctionStatusDeps, 'fetchReport'> {
  /** The image of each kind of function. */
  readonly images: Readonly<Record<FunctionKind, string>>;
}

/** The controllers of every kind of function. */
export function createFunctionControllers(deps: FunctionDeps): readonly Controller[] {
  return allFunctionKinds.flatMap((kind) => createControllers(kind, deps));
}

/** One kind -> rights, Deployment and peers; and, apart from that, instances' reports -> status. */
function createControllers(kind: FunctionKind, deps: FunctionDeps): readonly Controller[] {
  const { stores, writer, clock, images } = deps;
  const functions = functionsOf(stores, kind);
  const triggers = createTriggers(stores, kind);
  const ensurer = new Ensurer({ writer, clock });
  /** Bytes of the peers that one ConfigMap does not hold. */
  const tooLarge = new Map<Key, number>();

  /** What the API server said of a Service that it refused. */
  const refusals = new Map<Key, string>();

  const status = createFunctionStatusController(kind, {
    ...deps,
    peersTooLarge: (key) => tooLarge.get(key),
    serviceRefusal: (key) => refusals.get(key),
  });
  const desired = new Controller({
    name: kind.toLowerCase(),
    watches: [
      watchOwn(functions),
      watch(stores.deployments, (old, now) => triggers.owner(now ?? old)),
      watch(stores.configMaps, (old, now) => triggers.owner(now ?? old)),
      watch(stores.services, (old, now) => triggers.owner(now ?? old)),
      watch(stores.serviceChains, triggers.ofChain),
      watch(stores.serviceChains, (old, now) => triggers.owner(now ?? old)),
      watch(stores.virtualNetworks, triggers.ofNetwork),
      watch(stores.ports, triggers.ofPort),
      watch(stores.pods, triggers.ofLabels),
      watch(stores.pods, triggers.ofBackend),
      watch(stores.namespaces, triggers.ofNamespace),
    ],
    resync: { everyMs: RESYNC_MS, keys: () => functions.keys() },
    concurrency: 4,
    reconcile,
    ...deps.controller,
  });
  return [desired, status];

  async function reconcile(key: Key): Promise<PassResult | undefined> {
    const object = functions.get(key);
    // The garbage collector takes what a function owns.
    if (!object || isEnding(stores, object)) {
      forget(key);
      return undefined;
    }
    const owner = ownerOf(object);
    const needs = needsOf(object);
    const paths = needs.selectors.length > 0 || needs.backends ? observePaths(stores, owner) : [];
    const compiled = compileFunction({
      owner,
      needs,
      paths,
      candidates: needs.backends && observeCandidates(stores, owner, needs.backends),
      image: images[owner.kind],
    });

    await applyPeers(key, object, compiled.peers);
    await ensurePods({ stores, ensurer, pods: compiled });
    if (needs.backends) await applyOwnChain(object, needs.backends.network);
    await applyService(key, object, needs.service);
    // A port that is taken may be free again, and nothing tells of it.
    return refusals.has(key) ? { requeueAfterMs: REFUSED_MS } : undefined;
  }

  /** What somebody else made under its name stays as it is; the condition Accepted tells of it. */
  async function applyOwnChain(object: FunctionObject, network: string): Promise<void> {
    const chain = compileOwnChain(ownerOf(object), network);
    const stored = stores.serviceChains.get(keyOf(chain));
    if (stored && !isOwned(stored, object)) return;
    await ensurer.ensure({ resource: resources.serviceChains, object: chain, stored });
  }

  async function applyService(
    key: Key,
    object: FunctionObject,
    needs: ServiceNeeds | undefined,
  ): Promise<void> {
    const before = refusals.get(key);
    refusals.delete(key);
    try {
      await ensureService(object, needs);
    } catch (error) {
      // A port that is taken or none of the nodes': the person must hear of it, and all else goes on.
      if (!isInvalid(error)) throw error;
      refusals.set(key, (error as Error).message);
    }
    if (refusals.get(key) !== before) status.enqueue(key);
  }

  async function ensureService(object: FunctionObject, needs: ServiceNeeds | undefined): Promise<void> {
    const owner = ownerOf(object);
    const stored = stores.services.get(`${owner.namespace}/${objectNameOf(kind, owner.name)}`);
    if (needs) {
      return ensurer.ensure({
        resource: resources.services,
        object: compileFunctionService(owner, needs),
        stored,
      });
    }
    const superfluous = stored && isOwned(stored, object) ? [stored] : [];
    await prune({ writer, resource: resources.services, stored: superfluous, wanted: new Set<string>() });
  }

  async function applyPeers(key: Key, object: FunctionObject, peers: Peers): Promise<void> {
    const { namespace, name } = object.metadata;
    const stored = stores.configMaps.get(`${namespace}/${peersNameOf(kind, name)}`);
    noteSize(key, peers);
    switch (peers.kind) {
      case 'ConfigMap':
        return ensurer.ensure({ resource: resources.configMaps, object: peers.object, stored });
      case 'TooLarge':
        return;
      case 'None': {
        const superfluous = stored && isOwned(stored, object) ? [stored] : [];
        const wanted = new Set<string>();
        return prune({ writer, resource: resources.configMaps, stored: superfluous, wanted });
      }
    }
  }

  function noteSize(key: Key, peers: Peers): void {
    const before = tooLarge.get(key);
    if (peers.kind === 'TooLarge') tooLarge.set(key, peers.bytes);
    else tooLarge.delete(key);
    if (before !== tooLarge.get(key)) status.enqueue(key);
  }

  function forget(key: Key): void {
    tooLarge.delete(key);
    refusals.delete(key);
    const { namespace = '', name } = splitKey(key);
    ensurer.forgetOwned({ kind, namespace, name });
  }
}
