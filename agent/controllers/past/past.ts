// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../../../api/conditions.ts';
import { keyOf, keyOfRef } from '../../../api/key.ts';
import type { Remark } from '../../../api/reasons.ts';
import type { EventRecorder } from '../../../kube/events.ts';
import type { PassResult } from '../../../kube/workqueue.ts';
import { applyFence } from '../../apply/fence.ts';
import type { RuntimeContainer, RuntimePod } from '../../nri/plugin.ts';
import type { Sandbox } from '../../observe/local.ts';
import { networkFacts } from '../../observe/network-facts.ts';
import { isOthers, portsOfPod } from '../../observe/stores.ts';
import type { AgentContext } from '../context.ts';
import { attachPort } from '../port.ts';
import { reportPort } from '../port-condition.ts';
import { comparePod, lacks, type PastVerdict, type Suspect } from './compare.ts';
import { renderFence, renderRemarks, type StartedWithout } from './render.ts';

export interface PastOptions {
  readonly context: AgentContext;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly startedWithout: StartedWithout;
}

interface Known extends Suspect {
  readonly sandbox: Sandbox;
  /** The last message that was recorded, so that each is recorded once. */
  told: string;
  /** Whether the pod may have a fence: an earlier agent may have made it. */
  fenced: boolean;
  /** Whether a pass has found something missing before. */
  seen: boolean;
}

/** How long the operator, and the controller of Ports, may take before a missing interface is told. */
const GRACE_MS = 1000;

/**
 * Finds pods whose containers started although the agent was not asked: it was away, or the runtime dropped it because it
 * answered late. Such a pod gets its interfaces if it may have them; else it is fenced. Both are told.
 */
export class PastAgent {
  readonly #options: PastOptions;
  /** By uid of the pod. */
  readonly #suspects = new Map<string, Known>();
  readonly #without = new Map<string, string>();

  constructor(options: PastOptions) {
    this.#options = options;
  }

  /** Pods that run without an interface that they ask for, as `namespace/name`. */
  get without(): readonly string[] {
    return [...this.#without.values()].sort();
  }

  /** Uids of the pods that the next comparison must look at. */
  get uids(): Iterable<string> {
    return this.#suspects.keys();
  }

  has(uid: string): boolean {
    return this.#suspects.has(uid);
  }

  /** Stores a pod of the runtime's list that asks for interfaces, with its containers. */
  list(pod: RuntimePod, sandbox: Sandbox, containers: readonly RuntimeContainer[]): void {
    const living = containers.filter(({ lives }) => lives);
    this.#without.delete(pod.uid);
    const told = this.#suspects.get(pod.uid)?.told ?? '';
    this.#suspects.delete(pod.uid);
    if (living.length === 0) return;
    const times = living.flatMap(({ createdAt }) => createdAt ?? []);
    const since = times.length > 0 ? Math.min(...times) : undefined;
    this.#suspects.set(pod.uid, { pod, sandbox, since, told, fenced: true, seen: false });
  }

  forget(uid: string): void {
    this.#suspects.delete(uid);
    this.#without.delete(uid);
  }

  /** Compares one pod, and brings it into order. Afterwards it is a suspect only if an interface is still missing. */
  async reconcile(uid: string): Promise<PassResult | undefined> {
    const known = this.#suspects.get(uid);
    if (!known) return undefined;
    if (lacks(this.#compare(known)) && !known.seen) {
      known.seen = true;
      return { requeueAfterMs: GRACE_MS };
    }
    await this.#attach(known);
    const verdict = this.#compare(known);
    if (this.#suspects.get(uid) !== known) return undefined;
    await this.#fence(known, verdict);
    await this.#tell(known, verdict);
    if (lacks(verdict)) this.#without.set(uid, keyOfRef(known.pod));
    else this.forget(uid);
    return undefined;
  }

  async #attach(known: Known): Promise<void> {
    const { context } = this.#options;
    for (const port of this.#compare(known).attach) {
      await attachPort(context, { port, sandbox: known.sandbox }).catch((error: unknown) => {
        context.log.warn(
          { port: keyOf(port), error },
          'the interface of a running pod could not be attached',
        );
      });
    }
  }

  #compare(known: Known): PastVerdict {
    const { stores, local } = this.#options.context;
    return comparePod(known, {
      ports: portsOfPod(stores, known.pod),
      isOthers: isOthers(stores),
      rangesOf: (key) => {
        const network = stores.networks.get(key);
        if (!network) return undefined;
        const { subnets, prefixes, routes } = networkFacts(stores, network);
        // A range that is routed into no pod of the network (one of the cluster's own) stays reachable. The owner of a
        // network must not take the cluster's ranges from pods of other namespaces either.
        const isGuest = network.metadata.namespace !== known.pod.namespace;
        const ofCluster = (network.status?.routes ?? []).flatMap((route) =>
          route.clusterRanges ? [route.cidr] : [],
        );
        return [...subnets, ...prefixes].filter(
          (cidr) => routes?.includes(cidr) !== false && !(isGuest && ofCluster.includes(cidr)),
        );
      },
      isAccepted: ({ status }) => isTrue(status?.conditions, 'Accepted'),
      isComplete: (key) => local.isComplete(key, known.sandbox.id),
      madeAt: (key) => local.madeAt(key),
    });
  }

  async #fence(known: Known, verdict: PastVerdict): Promise<void> {
    const { context, startedWithout } = this.#options;
    if (!lacks(verdict) && !known.fenced) return;
    const prefixes = renderFence(verdict, startedWithout).filter(
      ({ family }) => family === 4 || context.node.hasIpv6,
    );
    await applyFence(context.kernel, { netnsPath: known.sandbox.netnsPath, prefixes });
    known.fenced = prefixes.length > 0;
  }

  async #tell(known: Known, verdict: PastVerdict): Promise<void> {
    const { context, startedWithout } = this.#options;
    for (const port of verdict.late) {
      context.local.late.add(keyOf(port));
      await reportPort(context, port, 'AttachedLate');
    }
    for (const port of verdict.attach) await reportPort(context, port, 'PodStartedWithout');
    for (const remark of renderRemarks(verdict, startedWithout)) this.#record(known, remark);
  }

  #record(known: Known, remark: Remark<'Pod'>): void {
    if (known.told === remark.message) return;
    known.told = remark.message;
    const { namespace, name, uid } = known.pod;
    const { context, events } = this.#options;
    events.record({
      object: { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, uid } },
      ...remark,
    });
    context.log.warn({ pod: keyOfRef(known.pod), reason: remark.reason }, remark.message);
  }
}
