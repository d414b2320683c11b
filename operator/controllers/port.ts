// SPDX-License-Identifier: Apache-2.0
import { findCondition, isTrue, renderConditions } from '../../api/conditions.ts';
import type { Port } from '../../api/index.ts';
import { joinKey, type Key } from '../../api/key.ts';
import type { Verdict } from '../../api/reasons.ts';
import { withdrawalOf } from '../../api/withdrawn.ts';
import { isNotFound } from '../../kube/api-error.ts';
import { Controller, type KeySource, watch, watchOwn } from '../../kube/controller.ts';
import { networkValue } from '../../kube/index-values.ts';
import { resources } from '../../kube/resource.ts';
import type { PassResult } from '../../kube/workqueue.ts';
import { judgeClaim } from '../compile/ports/claims.ts';
import type { ControllerDeps } from './deps.ts';
import { ledgerOf } from './network/ledger.ts';
import { concernsNetworks } from './pod/snapshot.ts';
import { subjectOf } from './pod/subject.ts';
import { hasReachedLimit, portsNamedAnew, unclassifiedBy } from './port/classified.ts';
import { contenderOf, observeRivals } from './port/rivals.ts';
import { observeStay, portsOfNamespace, portsOfNetwork } from './port/stay.ts';

const RESYNC_MS = 10 * 60_000;
/** After this time the garbage collector should have deleted the Ports of a deleted pod. */
const ORPHAN_MS = 10_000;
/**
 * Interval for claims that no slice names yet. A new slice wakes the claim by itself; other changes, such as a
 * deleted chain, do not.
 */
const CLASSIFIED_MS = 1000;
/** The same for claims that wait for a chain which has reached a limit. */
const FULL_MS = 10_000;
/** How long the deletion of a network waits for the agent of a guest that must leave. */
const LEAVING_MS = 60_000;

/**
 * Creates the controller that judges the claims of Ports (docs/architecture.md, Claims). A Port becomes Accepted, or
 * it is deleted and its pod gets another. Every write requires the resourceVersion that was judged, so no address is
 * Accepted twice.
 */
export function createPortController(deps: ControllerDeps): Controller {
  const { stores, writer, events, clock } = deps;
  const ledger = ledgerOf(stores);

  const orphansLater: KeySource = () =>
    stores.pods.subscribe(({ old, object }) => {
      if (object !== undefined || !concernsNetworks(old)) return;
      for (const key of stores.ports.keysByIndex('pod', old.metadata.uid))
        controller.enqueueAfter(key, ORPHAN_MS);
    });
  const controller = new Controller({
    name: 'port',
    watches: [
      watchOwn(stores.ports),
      orphansLater,
      watch(stores.virtualNetworks, (old, now) => portsOfNetwork(stores, old, now)),
      watch(stores.namespaces, (old, now) => portsOfNamespace(stores, old, now)),
      watch(stores.chainSlices, (old, now) => portsNamedAnew(stores, old, now)),
      watch(stores.nodes, (old, now) => {
        const name = old === undefined || now !== undefined ? undefined : old.metadata.name;
        return name === undefined ? [] : stores.ports.keysByIndex('node', name);
      }),
    ],
    resync: { everyMs: RESYNC_MS, keys: () => stores.ports.keys() },
    concurrency: 8,
    reconcile,
    ...deps.controller,
  });
  return controller;

  async function reconcile(key: Key): Promise<PassResult | undefined> {
    const port = stores.ports.get(key);
    if (port === undefined || port.metadata.deletionTimestamp !== undefined) return undefined;
    if ((await isNodeGone(port.spec.node)) || (await isOrphan(port))) return remove(port);
    if (withdrawalOf(port) !== undefined) return finish(port);
    if (isTrue(port.status?.conditions, 'Accepted')) return keep(port);
    if (!hasItsNetwork(port)) return remove(port);
    const verdict = judgeClaim(contenderOf(port), observeRivals({ stores, ledger, port }));
    switch (verdict.kind) {
      case 'Wins':
        return classify(port);
      case 'Loses':
        deps.controller.log.info({ port: key, to: verdict.to, thing: verdict.thing }, 'claim lost');
        return remove(port);
    }
  }

  // The store may not have a new node yet, and an address that is freed too early could be allocated twice. So ask
  // the API server.
  async function isNodeGone(node: string): Promise<boolean> {
    if (stores.nodes.has(node)) return false;
    return (await writer.read({ resource: resources.nodes, name: node })) === undefined;
  }

  // Some ways of deleting a pod leave its Ports behind. The store may be late here too, so ask the API server.
  async function isOrphan({ metadata, spec }: Port): Promise<boolean> {
    if (stores.pods.countByIndex('uid', spec.pod.uid) > 0) return false;
    const ref = { resource: resources.pods, namespace: metadata.namespace, name: spec.pod.name };
    return (await writer.read(ref))?.metadata?.uid !== spec.pod.uid;
  }

  function hasItsNetwork({ spec }: Port): boolean {
    if (spec.network === undefined) return true;
    const network = stores.virtualNetworks.get(networkValue(spec.network));
    return network?.metadata.deletionTimestamp === undefined && network?.status?.vni === spec.vni;
  }

  /** Accepts a claim once all chains that select the pod name its addresses; a chain that has reached a limit never may. */
  async function classify(port: Port): Promise<PassResult | undefined> {
    const waitsFor = unclassifiedBy(stores, port);
    if (waitsFor.length === 0) return accept(port);
    const full = waitsFor.toSorted().find((key) => hasReachedLimit(stores, key));
    const pod = stores.pods.get(joinKey(port.metadata.namespace, port.spec.pod.name));
    if (full !== undefined && pod) {
      const message = `interface ${port.spec.interface} waits: ServiceChain ${full} selects this pod and has reached a limit; its condition Programmed says which`;
      events.record({ object: subjectOf(pod), type: 'Warning', reason: 'QuotaExceeded', message });
    }
    return { requeueAfterMs: full === undefined ? CLASSIFIED_MS : FULL_MS };
  }

  /** Takes a Port back whose pod may not stay on the network. */
  async function keep(port: Port): Promise<PassResult | undefined> {
    const stay = observeStay(stores, port, new Date(clock.now()));
    if (stay.kind === 'Stays') {
      return stay.againAfterMs === undefined ? undefined : { requeueAfterMs: stay.againAfterMs };
    }
    const { reason, message } = stay;
    await judge(port, { type: 'Accepted', status: 'False', reason, message });
    const pod = stores.pods.get(joinKey(port.metadata.namespace, port.spec.pod.name));
    const about = `interface ${port.spec.interface} is removed: ${message}`;
    if (pod) events.record({ object: subjectOf(pod), type: 'Warning', reason: 'Detached', message: about });
    return undefined;
  }

  /**
   * Deletes a Port that was taken back when its node has confirmed that the interface is removed. Only the deletion of a
   * network does not wait for an agent that is away: its VNI is not given again while that node has it.
   */
  async function finish(port: Port): Promise<PassResult | undefined> {
    if (findCondition(port.status?.conditions, 'Ready')?.reason === 'Detached') return remove(port);
    const withdrawal = withdrawalOf(port);
    if (withdrawal?.reason !== 'NetworkDeleting') return undefined;
    const leftMs = Date.parse(withdrawal.lastTransitionTime) + LEAVING_MS - clock.now();
    return leftMs <= 0 ? remove(port) : { requeueAfterMs: leftMs };
  }

  function accept(port: Port): Promise<undefined> {
    return judge(port, {
      type: 'Accepted',
      status: 'True',
      reason: 'ClaimHolds',
      message: 'the claim holds',
    });
  }

  async function judge(
    port: Port,
    verdict: Extract<Verdict<'Port'>, { type: 'Accepted' }>,
  ): Promise<undefined> {
    const { namespace, name, uid, resourceVersion, generation = 0 } = port.metadata;
    const conditions = renderConditions({
      kind: 'Port',
      verdicts: [verdict],
      previous: port.status?.conditions,
      generation,
      now: new Date(clock.now()),
    });
    const status = { metadata: { namespace, name, uid, resourceVersion }, status: { conditions } };
    try {
      await writer.applyStatus(resources.ports, status);
    } catch (error) {
      // The Port was deleted with its pod, so nothing is claimed any more.
      if (!isNotFound(error)) throw error;
    }
  }

  async function remove({ metadata }: Port): Promise<undefined> {
    const { namespace, name, uid, resourceVersion } = metadata;
    await writer.delete({ resource: resources.ports, namespace, name }, { uid, resourceVersion });
  }
}
