// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Kernel } from '../kernel/kernel.ts';
import type { ProbeReport } from '../kernel/protocol.ts';
import { NO_TARGETS, type ProbeTimes, renderPlan, sameTargets, type Targets } from './plan.ts';
import { type HealthChange, HealthRegistry } from './registry.ts';
import { RECOVERY_MS } from './state.ts';
import { prepareTargets } from './targets.ts';

export type { ProbeTimes, Targets } from './plan.ts';
export type { HealthChange } from './registry.ts';

/** How long to wait before sending a plan again that the kernel's process has not accepted. */
const RETRY_MS = 200;

export interface HealthOptions {
  readonly kernel: Pick<Kernel, 'probe' | 'onProbes' | 'mapDump' | 'mapUpdate' | 'mapDelete'>;
  readonly mapsDir: string;
  /** The device that probes are written to. */
  readonly ifindex: number;
  readonly times: ProbeTimes;
  readonly log: {
    warn(fields: object, message: string): void;
    info(fields: object, message: string): void;
  };
}

/**
 * The health of instances and nodes, from the answers to probes. The probes run in the kernel's process, which reports
 * changes only; this class interprets them.
 */
export class Health {
  readonly #options: HealthOptions;
  readonly #registry = new HealthRegistry();
  readonly #listeners = new Set<(change: HealthChange) => void>();
  readonly #failureListeners = new Set<() => void>();
  #failure = '';
  readonly #unsubscribe: () => void;
  #targets: Targets = NO_TARGETS;
  #tick: NodeJS.Timeout | undefined;
  #syncing: Promise<void> | undefined;
  #isDirty = false;
  #closed = false;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#unsubscribe = options.kernel.onProbes((report) => this.#observe(report));
  }

  /** Adopts an instance of an earlier agent, with its last state in the kernel. */
  adopt(id: number, wasDown: boolean): void {
    this.#registry.adopt(id, wasDown);
  }

  /** Whether flows may not go to an instance of this node: it does not forward, or has not shown that it does. */
  isDown(id: number): boolean {
    return this.#registry.healthOf(id) !== 'Healthy';
  }

  /** Whether another node does not answer. A node without heartbeats counts as reachable. */
  isUnreachable(node: string): boolean {
    return this.#registry.nodeHealth(node) !== 'Healthy';
  }

  /** Instances of this node that are known not to forward, sorted; without those that have had no time to answer. */
  get down(): readonly number[] {
    return [...this.#registry.instances]
      .filter((id) => isKnownDown(this.#registry.healthOf(id)))
      .sort(byNumber);
  }

  /** Nodes that do not answer, sorted. */
  get unreachable(): readonly string[] {
    return [...this.#registry.nodes].filter((node) => this.isUnreachable(node)).sort();
  }

  /** Instances that have not had the time to answer yet. */
  get proving(): readonly number[] {
    return [...this.#registry.instances].filter((id) => this.#registry.healthOf(id) === 'Proving');
  }

  /** Own instances that are probed, with whether they may be used. */
  get instances(): readonly { readonly id: number; readonly isUp: boolean }[] {
    return [...this.#registry.instances].map((id) => ({ id, isUp: !this.isDown(id) }));
  }

  /** Nodes that are probed, with whether they answer. */
  get nodes(): readonly { readonly node: string; readonly isReachable: boolean }[] {
    return [...this.#registry.nodes].map((node) => ({ node, isReachable: !this.isUnreachable(node) }));
  }

  /** Calls the listener for each instance and node whose health changes. */
  subscribe(listener: (change: HealthChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The reason why probes cannot be sent, so that no health changes; empty if they are sent. */
  get failure(): string {
    return this.#failure;
  }

  /** Calls the listener when probes cannot be sent any more, and when they can again. */
  subscribeToFailure(listener: () => void): () => void {
    this.#failureListeners.add(listener);
    return () => this.#failureListeners.delete(listener);
  }

  /** Replaces the targets of probes. */
  setTargets(targets: Targets): void {
    const isNews = !sameTargets(this.#targets, targets);
    this.#targets = targets;
    this.#emit(this.#registry.setTargets(targets));
    if (isNews) this.#sync();
  }

  /** Sends the plan again: the kernel's process was restarted, and has none. */
  restart(): void {
    this.#emit(this.#registry.step({ kind: 'Blind' }, performance.now()));
    this.#sync();
  }

  /** Stops the probes; the kernel's maps keep the last health. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    clearTimeout(this.#tick);
    await this.#syncing;
    await this.#options.kernel.probe({}).catch(() => undefined);
  }

  /** Sends the plan to the kernel's process: one call at a time, and once more if the targets changed meanwhile. */
  #sync(): void {
    this.#isDirty = true;
    this.#syncing ??= this.#syncUntilClean().finally(() => {
      this.#syncing = undefined;
    });
  }

  async #syncUntilClean(): Promise<void> {
    while (this.#isDirty && !this.#closed) {
      this.#isDirty = false;
      try {
        await this.#syncOnce(this.#targets);
      } catch (error) {
        this.#isDirty = true;
        this.#options.log.warn({ error }, 'the kernel process did not accept the probe plan; retrying');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #syncOnce(targets: Targets): Promise<void> {
    const { kernel, mapsDir, ifindex, times } = this.#options;
    const places = { ifindex, probesMap: join(mapsDir, 'probes'), peersMap: join(mapsDir, 'peers') };
    const plan = renderPlan(targets, times, places);
    await prepareTargets(kernel, plan, [places.probesMap, places.peersMap]);
    await kernel.probe({ plan });
  }

  #observe({ levels, failure }: ProbeReport): void {
    if (failure !== undefined) this.#noteFailure(failure);
    this.#emit(this.#registry.observe(levels, performance.now()));
    this.#schedule();
  }

  #noteFailure(failure: string): void {
    const { log } = this.#options;
    this.#failure = failure;
    if (failure)
      log.warn({ failure }, 'probes cannot be sent; the health of instances and nodes does not change');
    else log.info({}, 'probes can be sent again');
    for (const listener of this.#failureListeners) listener();
  }

  /** Sets a timer for the time when the first recovering target becomes healthy. */
  #schedule(): void {
    clearTimeout(this.#tick);
    const since = this.#registry.recoveringSince;
    if (since === undefined || this.#closed) return;
    const delay = Math.max(1, Math.ceil(since + RECOVERY_MS - performance.now()));
    this.#tick = setTimeout(() => {
      this.#emit(this.#registry.step({ kind: 'Tick' }, performance.now()));
      this.#schedule();
    }, delay);
  }

  #emit(changes: readonly HealthChange[]): void {
    for (const change of changes) for (const listener of this.#listeners) listener(change);
  }
}

function isKnownDown(health: HealthChange['health']): boolean {
  return health === 'Down' || health === 'Recovering';
}

function byNumber(a: number, b: number): number {
  return a - b;
}
