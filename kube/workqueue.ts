// SPDX-License-Identifier: Apache-2.0
import type { Key } from '../api/key.ts';
import { isConflict, isUnanswered } from './api-error.ts';
import { type BackoffOptions, backoffDelay, jittered } from './base/backoff.ts';
import { type Clock, systemClock } from './base/clock.ts';
import type { Logger } from './base/log.ts';

/** The result of a pass over one key. Undefined means that the key is done until something changes. */
export interface PassResult {
  readonly requeueAfterMs?: number | undefined;
}

export type Handler = (key: Key, signal: AbortSignal) => Promise<PassResult | undefined> | Promise<void>;

/** The metrics of a queue; labels are the names of queues. */
export interface QueueMetrics {
  depth(queue: string, keys: number): void;
  started(queue: string, waitedMs: number): void;
  finished(queue: string, tookMs: number, outcome: 'ok' | 'failed'): void;
}

export interface WorkQueueOptions {
  readonly name: string;
  readonly handler: Handler;
  readonly log: Logger;
  /** Most keys processed at once, never the same one twice. Default 1. */
  readonly concurrency?: number;
  /** Delays between the attempts of one key. */
  readonly backoff?: BackoffOptions;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly metrics?: QueueMetrics;
}

const DEFAULT_BACKOFF: BackoffOptions = { firstMs: 100, maxMs: 60_000 };
/**
 * Delay after a request without an answer. The key is not the cause, and it should be processed as soon as the server
 * is back.
 */
const UNANSWERED_MS = 1000;

interface Delayed {
  readonly due: number;
  readonly cancel: () => void;
}

/**
 * WorkQueue holds keys that wait for a pass. A key that is added many times waits once. A key that is added during
 * its own pass gets one more pass afterwards. A failed pass is retried with an exponential back-off for each key.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #abort = new AbortController();
  /** Key -> time since which it waits, in order of arrival. */
  readonly #ready = new Map<Key, number>();
  readonly #active = new Set<Key>();
  /** Keys that were added during their own pass -> time since which they wait. */
  readonly #again = new Map<Key, number>();
  readonly #delayed = new Map<Key, Delayed>();
  readonly #failures = new Map<Key, number>();
  #running = false;
  #draining = false;
  #idle: (() => void)[] = [];

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  /** Number of keys that wait for a worker now. */
  get depth(): number {
    return this.#ready.size + this.#again.size;
  }

  add(key: Key): void {
    if (this.#draining) return;
    const since = this.#clock.monotonic();
    const waiting = this.#active.has(key) ? this.#again : this.#ready;
    if (!waiting.has(key)) waiting.set(key, since);
    this.#options.metrics?.depth(this.#options.name, this.depth);
    this.#dispatch();
  }

  /** Adds the key after a delay. Of several delays for one key the shortest counts. */
  addAfter(key: Key, ms: number): void {
    if (this.#draining) return;
    const due = this.#clock.monotonic() + ms;
    const known = this.#delayed.get(key);
    if (known && known.due <= due) return;
    known?.cancel();
    const cancel = this.#clock.after(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { due, cancel });
  }

  /** Starts processing. Until then keys are only collected. */
  start(): void {
    this.#running = true;
    this.#dispatch();
  }

  /** Resolves when no key is ready or active; delayed keys do not count. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Accepts no more keys, drops those that wait, and resolves when the passes under way have ended. */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#ready.clear();
    this.#again.clear();
    this.#abort.abort();
    await this.idle();
  }

  #dispatch(): void {
    const limit = this.#options.concurrency ?? 1;
    while (this.#running && this.#active.size < limit) {
      const next = this.#ready.entries().next();
      if (next.done) return;
      const [key, since] = next.value;
      this.#ready.delete(key);
      this.#active.add(key);
      void this.#work(key, since);
    }
  }

  async #work(key: Key, since: number): Promise<void> {
    const { name, metrics, handler } = this.#options;
    const startedAt = this.#clock.monotonic();
    metrics?.depth(name, this.depth);
    metrics?.started(name, startedAt - since);
    let outcome: 'ok' | 'failed' = 'ok';
    try {
      const result = (await handler(key, this.#abort.signal)) as PassResult | undefined;
      this.#failures.delete(key);
      if (result?.requeueAfterMs !== undefined) this.addAfter(key, result.requeueAfterMs);
    } catch (error) {
      outcome = 'failed';
      this.#retry(key, error);
    }
    metrics?.finished(name, this.#clock.monotonic() - startedAt, outcome);
    this.#finish(key);
  }

  #retry(key: Key, error: unknown): void {
    if (this.#draining) return;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delay = backoffDelay(this.#options.backoff ?? DEFAULT_BACKOFF, failures, this.#random());
    const waitMs = isUnanswered(error)
      ? Math.min(delay, jittered(UNANSWERED_MS, 0.5, this.#random()))
      : delay;
    // Another writer was first. This is normal, and the next pass reads again.
    const level = isConflict(error) && failures < 3 ? 'debug' : 'warn';
    const { name, log } = this.#options;
    log[level](
      { queue: name, key, failures, waitMs: Math.round(waitMs), error },
      'pass failed, trying again',
    );
    this.addAfter(key, waitMs);
  }

  #finish(key: Key): void {
    this.#active.delete(key);
    const since = this.#again.get(key);
    if (since !== undefined) {
      this.#again.delete(key);
      this.#ready.set(key, since);
    }
    this.#dispatch();
    if (!this.#isIdle()) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #isIdle(): boolean {
    return this.#active.size === 0 && this.#ready.size === 0;
  }
}
