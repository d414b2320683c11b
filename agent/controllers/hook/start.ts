// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../../../api/conditions.ts';
import type { Port } from '../../../api/index.ts';
import { keyOf, keyOfRef } from '../../../api/key.ts';
import { formatComplaint } from '../../../api/parsed.ts';
import type { RuntimePod } from '../../nri/plugin.ts';
import type { Sandbox } from '../../observe/local.ts';
import { isOthers, portsOfPod } from '../../observe/stores.ts';
import type { AgentContext } from '../context.ts';
import { attachPort } from '../port.ts';
import { Attempts } from './attempts.ts';
import { WaitBudget } from './budget.ts';
import { judgeStart, type StartVerdict } from './judge.ts';
import { wantedInterfaces } from './wanted.ts';

/** How long a pod may keep the runtime waiting for the operator, if the budget has that much. */
const PATIENCE_MS = 500;

export interface StarterOptions {
  readonly context: AgentContext;
  /** Resolves when the stores are complete. A network that is written earlier could lack a chain. */
  readonly synced: Promise<void>;
  /** Called with the duration of an attachment in milliseconds, without the wait for Ports. */
  readonly onAttached: (ms: number) => void;
}

/** Decides about the start of pods, and attaches their interfaces before it. */
export class Starter {
  readonly #options: StarterOptions;
  readonly #budget = new WaitBudget(performance.now());
  readonly #attempts = new Attempts(this.#budget);
  /** Uids of pods that kept the runtime waiting in vain. */
  readonly #waited = new Set<string>();
  #isSynced = false;

  constructor(options: StarterOptions) {
    this.#options = options;
    void options.synced.then(() => {
      this.#isSynced = true;
    });
  }

  /** Attaches the interfaces of a new sandbox, as far as that is possible at once. `admit` does what is left. */
  async prepare(pod: RuntimePod, sandbox: Sandbox): Promise<void> {
    const { log } = this.#options.context;
    const verdict = this.#judge(pod);
    const problem =
      verdict.kind === 'Attach' ? await this.#attach(pod, sandbox, verdict.ports) : verdict.message;
    if (problem !== undefined)
      log.info({ pod: keyOfRef(pod), problem }, 'a sandbox waits for its interfaces');
  }

  /** Resolves when a container of the pod may start: each interface is complete. Rejects when one is missing. */
  async admit(pod: RuntimePod, sandbox: Sandbox): Promise<void> {
    let verdict = this.#judge(pod);
    if (verdict.kind === 'Wait') verdict = await this.#wait(pod);
    if (verdict.kind !== 'Attach') throw new Error(verdict.message);
    this.#waited.delete(pod.uid);
    const problem = await this.#attach(pod, sandbox, verdict.ports);
    if (problem !== undefined) throw new Error(`pod ${keyOfRef(pod)}: ${problem}`);
  }

  /** Whether a pod asks for interfaces of Heddle, or for something that nobody understands. */
  asksForOurs(pod: RuntimePod): boolean {
    const wanted = wantedInterfaces(pod, { ports: [], isOthers: isOthers(this.#options.context.stores) });
    return !wanted.ok || wanted.value.length > 0;
  }

  forget(uid: string): void {
    this.#waited.delete(uid);
    this.#attempts.forget(uid);
  }

  /** Forgets all pods except these. */
  keep(uids: ReadonlySet<string>): void {
    for (const uid of this.#waited) if (!uids.has(uid)) this.#waited.delete(uid);
    this.#attempts.keep(uids);
  }

  #judge(pod: RuntimePod): StartVerdict {
    const { stores } = this.#options.context;
    const ports = portsOfPod(stores, pod);
    const wanted = wantedInterfaces(pod, { ports, isOthers: isOthers(stores) });
    // Before everything is read, an element that Heddle does not understand may be another CNI's.
    if (!wanted.ok && this.#isSynced) return { kind: 'Refuse', message: formatComplaint(wanted.complaint) };
    return judgeStart({
      pod: keyOfRef(pod),
      wanted: wanted.ok ? wanted.value : [],
      ports: ports.filter(isAccepted),
      network: (key) => stores.networks.get(key),
      synced: this.#isSynced,
      waited: this.#waited.has(pod.uid),
    });
  }

  /** Waits as long as the budget allows for the verdict to change. */
  async #wait(pod: RuntimePod): Promise<StartVerdict> {
    const began = performance.now();
    const granted = this.#budget.take(pod.namespace, PATIENCE_MS, began);
    const verdict = await this.#untilDecided(pod, granted);
    this.#budget.giveBack(pod.namespace, granted - (performance.now() - began));
    // A pod that got no time may wait when it comes again.
    if (verdict.kind === 'Wait' && granted === PATIENCE_MS) this.#waited.add(pod.uid);
    return verdict;
  }

  #untilDecided(pod: RuntimePod, ms: number): Promise<StartVerdict> {
    return new Promise((resolve) => {
      const finish = (verdict: StartVerdict) => {
        unsubscribe();
        clearTimeout(timer);
        resolve(verdict);
      };
      const look = () => {
        const verdict = this.#judge(pod);
        if (verdict.kind !== 'Wait') finish(verdict);
      };
      const timer = setTimeout(() => finish(this.#judge(pod)), ms);
      const unsubscribe = this.#options.context.stores.ports.subscribe(look);
      // The other subscriber of `synced` came first, so the agent is synced when this one looks.
      void this.#options.synced.then(look);
    });
  }

  /** Makes the interfaces that are not complete in the sandbox. Returns why one is missing; undefined if none is. */
  async #attach(pod: RuntimePod, sandbox: Sandbox, ports: readonly Port[]): Promise<string | undefined> {
    const { context, onAttached } = this.#options;
    const isComplete = (port: Port) => context.local.isComplete(keyOf(port), sandbox.id);
    const rest = ports.filter((port) => !isComplete(port));
    if (rest.length === 0) return undefined;
    const problem = await this.#attempts.try({
      uid: pod.uid,
      namespace: pod.namespace,
      sandboxId: sandbox.id,
      work: async () => {
        const began = performance.now();
        for (const port of rest) await attachPort(context, { port, sandbox });
        const attachMs = performance.now() - began;
        onAttached(attachMs);
        const interfaces = rest.map(({ spec }) => spec.interface);
        context.log.info({ pod: keyOfRef(pod), interfaces, attachMs }, 'attached');
      },
    });
    return ports.every(isComplete) ? undefined : (problem ?? 'its interfaces are being made');
  }
}

function isAccepted(port: Port): boolean {
  return isTrue(port.status?.conditions, 'Accepted');
}
