// SPDX-License-Identifier: Apache-2.0
import type { ServiceChain } from '../../api/index.ts';
import type { Key } from '../../api/key.ts';
import { Controller, type KeySource, watch, watchOwn } from '../../kube/controller.ts';
import { networkValue } from '../../kube/index-values.ts';
import { resources } from '../../kube/resource.ts';
import type { PassResult } from '../../kube/workqueue.ts';
import { applySlices } from '../apply/slices.ts';
import { exceedsChains } from '../compile/chain/chain-limit.ts';
import { type ChainBlueprint, compileChain } from '../compile/chain/compile.ts';
import { wayThrough } from '../compile/chain/outside.ts';
import { compileOutside } from '../compile/chain/outside-slices.ts';
import { PrecedenceBook } from '../compile/chain/precedence.ts';
import { type Ends, RulesBook } from '../compile/chain/rules-book.ts';
import { allFunctionKinds } from '../compile/function/kinds.ts';
import { DEFAULT_LIMITS } from '../compile/limits.ts';
import type { Stores } from '../observe/stores.ts';
import type { ChainStatusFacts, LimitFacts } from '../status/chain/facts.ts';
import { type HopWords, renderNews, wordsOf, writtenWords } from '../status/chain/failures.ts';
import { summarizeChain } from '../status/chain/summarize.ts';
import { observeFormerSlices } from './chain/former.ts';
import { chainsOfNode, chainsOfReport, chainsOfSlices } from './chain/health.ts';
import { PathIds } from './chain/path-ids.ts';
import { type ChainSnapshot, observeChain, observeStored } from './chain/snapshot.ts';
import { observeChainStatus } from './chain/status-facts.ts';
import {
  chainsOfBalancer,
  chainsOfFunction,
  chainsOfNamespace,
  chainsOfNetwork,
  chainsOfPod,
  chainsOfPort,
  chainsOfSlice,
  chainsOfVpn,
  chainsOfVpnPeer,
  rivalsOf,
} from './chain/triggers.ts';
import type { ControllerDeps } from './deps.ts';
import { isEnding } from './ending.ts';
import { functionsOf } from './function/stores.ts';
import { refusalOf } from './workload/refusal.ts';

const RESYNC_MS = 10 * 60_000;
/** Interval for a new attempt when a path id, room under a limit or the API server's consent is missing: no watch shows it. */
const WAITING_MS = 10_000;
/**
 * Delay before the status follows NodeReports: every node of a chain reports every change, so the changes are
 * collected.
 */
const REPORTED_MS = 50;

/** Creates the controller that turns ServiceChains into ChainSlices, path id and status. */
export function createServiceChainController(deps: ControllerDeps): Controller {
  const { stores, writer, events, clock, random } = deps;
  const { limits = DEFAULT_LIMITS } = deps;
  const book = new PrecedenceBook();
  const rules = new RulesBook(limits.entriesPerNetwork);
  const pathIds = new PathIds(stores, random);
  /** States of hops in the last Events of each chain; the store may not show the last write yet. */
  const told = new Map<Key, HopWords>();

  const reportedLater: KeySource = () =>
    stores.nodeReports.subscribe(({ old, object }) => {
      for (const key of chainsOfSlices(stores, old, object)) controller.enqueueAfter(key, REPORTED_MS);
    });
  const controller = new Controller({
    name: 'servicechain',
    watches: [...chainWatches(stores), reportedLater],
    resync: { everyMs: RESYNC_MS, keys: () => stores.serviceChains.keys() },
    concurrency: 4,
    reconcile,
    ...deps.controller,
  });
  return controller;

  async function reconcile(key: Key): Promise<PassResult | undefined> {
    const chain = stores.serviceChains.get(key);
    if (!chain || isEnding(stores, chain)) {
      forget(key);
      return undefined;
    }

    const snapshot = observeChain(stores, key, chain);
    const tooMany = exceedsChains(chain, snapshot.slices, () => chainsOf(chain), limits.chainsPerNamespace);
    const pathId = tooMany ? undefined : pathIds.take(key, chain, 'pathId');
    const { network, vni } = snapshot;
    const place = vni !== undefined && pathId !== undefined ? { network, vni, pathId } : undefined;
    const whole = compileChain({ ...snapshot, place });
    const exceeded = tooMany ?? exceedsRules(key, snapshot, whole);
    const compiled = exceeded
      ? compileChain({ ...snapshot, place: placeOf(place, snapshot), keepsEnds: true })
      : whole;
    // Slices are written only with a path id that the store shows in the status: then no other chain can have it too.
    // Until then the existing slices stay, because traffic of a chain without slices passes without its functions.
    const isClaimed = pathId === chain.status?.pathId;
    const outside = outsideOf(key, snapshot, place);
    let slices = snapshot.slices;
    const slicesRefusal = await refusalOf(async () => {
      if (!isClaimed) return;
      slices = await applySlices({
        writer,
        wanted: [...compiled.slices, ...(compiled.slices.length > 0 ? outside.slices : [])],
        stored: [...snapshot.slices, ...snapshot.outsideSlices],
        former: observeFormerSlices(stores, key),
      });
    });

    const isRefused = exceeded !== undefined && slices.length === 0;
    const { shadowedBy, affected } = isRefused
      ? { shadowedBy: undefined, affected: book.remove(key) }
      : book.place({ key, network: networkValue(network), chain, from: compiled.from, to: compiled.to });
    const facts = observeChainStatus(stores, {
      snapshot,
      compiled,
      pathId,
      outsidePathId: outside.pathId,
      slices,
      slicesRefusal,
      shadowedBy,
      exceeded,
    });
    tell(key, chain, facts);
    const status = summarizeChain({
      facts,
      classifiedPorts: compiled.concerned.length,
      generation: chain.metadata.generation ?? 0,
      previous: chain.status?.conditions,
      now: new Date(clock.now()),
    });
    await writer.applyStatusIfChanged<ServiceChain>(resources.serviceChains, chain, status);
    for (const other of affected) controller.enqueue(other);
    const waits = pathId === undefined || exceeded || slicesRefusal !== undefined;
    return waits ? { requeueAfterMs: WAITING_MS } : undefined;
  }

  /** The path of clients outside who must pass functions before the load balancer that they reach. */
  function outsideOf(key: Key, snapshot: ChainSnapshot, place: ChainBlueprint['place']) {
    const { chain } = snapshot;
    const way = place && wayThrough(snapshot.outside);
    const pathId = way && pathIds.take(key, chain, 'outsidePathId');
    if (!way || pathId === undefined) {
      pathIds.forget(key, ['outsidePathId']);
      return { pathId: undefined, slices: [] };
    }
    // As for the chain's own path: no slices before the store shows the id.
    const isClaimed = pathId === chain.status?.outsidePathId;
    const blueprint = { ...snapshot, place, slices: snapshot.outsideSlices };
    return {
      pathId,
      slices: isClaimed ? compileOutside(blueprint, { way, pathId }) : snapshot.outsideSlices,
    };
  }

  function exceedsRules(
    key: Key,
    { chain, network, slices }: ChainSnapshot,
    ends: Ends,
  ): LimitFacts | undefined {
    const name = networkValue(network);
    const stored = () => observeStored(stores, name);
    const verdict = rules.place({ key, network: name, chain, ends, slices, stored });
    if (verdict.kind === 'Fits') return undefined;
    return { limit: 'entriesPerNetwork', most: limits.entriesPerNetwork, wanted: verdict.entries };
  }

  function chainsOf({ metadata }: ServiceChain): readonly ServiceChain[] {
    return [...stores.serviceChains.values()].filter(
      (each) => each.metadata.namespace === metadata.namespace,
    );
  }

  /**
   * Records one Event for each change of a hop's state. States that an earlier leader wrote into the status count as
   * recorded.
   */
  function tell(key: Key, chain: ServiceChain, facts: ChainStatusFacts): void {
    const before = told.get(key) ?? writtenWords(chain.status?.functions ?? [], facts.hops);
    for (const remark of renderNews(facts, before)) events.record({ object: chain, ...remark });
    told.set(key, wordsOf(facts));
  }

  /** Forgets a chain. The garbage collector deletes its slices; only the state in memory must be removed here. */
  function forget(key: Key): void {
    pathIds.forget(key);
    told.delete(key);
    rules.remove(key);
    for (const other of book.remove(key)) controller.enqueue(other);
  }
}

/** A chain without slices that exceeds a limit gets none. */
function placeOf<P>(place: P | undefined, { slices }: ChainSnapshot): P | undefined {
  return slices.length > 0 ? place : undefined;
}

function chainWatches(stores: Stores) {
  return [
    watchOwn(stores.serviceChains),
    watch(stores.serviceChains, (old, now) => [...rivalsOf(stores, old), ...rivalsOf(stores, now)]),
    watch(stores.chainSlices, chainsOfSlice),
    watch(stores.formerChainSlices, chainsOfSlice),
    watch(stores.formerNodeReports, (old, now) => (old && now ? [] : stores.serviceChains.keys())),
    watch(stores.virtualNetworks, (old, now) => chainsOfNetwork(stores, old, now)),
    watch(stores.ports, (old, now) => chainsOfPort(stores, old, now)),
    watch(stores.pods, (old, now) => chainsOfPod(stores, old, now)),
    watch(stores.namespaces, (old, now) => chainsOfNamespace(stores, old, now)),
    ...allFunctionKinds.map((kind) =>
      watch(functionsOf(stores, kind), (old, now) => chainsOfFunction(stores, old, now)),
    ),
    watch(stores.loadBalancers, (old, now) => chainsOfBalancer(stores, old, now)),
    watch(stores.vpns, (old, now) => chainsOfVpn(stores, old, now)),
    watch(stores.vpnPeers, (old, now) => chainsOfVpnPeer(stores, old, now)),
    watch(stores.nodeReports, (old, now) => chainsOfReport(stores, old, now)),
    watch(stores.nodes, (old, now) => chainsOfNode(stores, old, now)),
  ];
}
