// SPDX-License-Identifier: Apache-2.0
import type { Key } from '../api/key.ts';
import type { BackoffOptions } from './base/backoff.ts';
import { jittered } from './base/backoff.ts';
import { type Clock, systemClock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import type { Change, StoreReader } from './store.ts';
import { type Handler, type QueueMetrics, WorkQueue } from './workqueue.ts';

/** A source of keys: it calls `add` for every key that a change concerns, until the returned function is called. */
export type KeySource = (add: (key: Key) => void) => () => void;

/**
 * Makes a source of keys from a store's changes. `toKeys` gets the old and the new object, so that a changed
 * reference wakes the object that was named before and the one that is named now. Objects that the store has at the
 * start count as added.
 */
export function watch<T>(
  store: Pick<StoreReader<T, never>, 'subscribe'>,
  toKeys: (old: T | undefined, object: T | undefined) => Iterable<Key>,
): KeySource {
  return (add) =>
    store.subscribe(
      ({ old, object }: Change<T>) => {
        for (const key of toKeys(old, object)) add(key);
      },
      { replay: true },
    );
}

/** A source with the keys of the changed objects themselves. */
export function watchOwn<T>(store: Pick<StoreReader<T, never>, 'subscribe'>): KeySource {
  return (add) => store.subscribe(({ key }: Change<T>) => add(key), { replay: true });
}

export interface ControllerOptions {
  readonly name: string;
  readonly watches: readonly KeySource[];
  /** Reconciles one key. It reads the stores again each time and keeps no events. */
  readonly reconcile: Handler;
  readonly log: Logger;
  /** Resolves when every store that `reconcile` reads is complete. */
  readonly synced?: Promise<unknown>;
  /** Interval at which all keys are reconciled again, for state that no watch shows. Absent: never. */
  readonly resync?: { readonly everyMs: number; readonly keys: () => Iterable<Key> };
  readonly concurrency?: number;
  readonly backoff?: BackoffOptions;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly metrics?: QueueMetrics;
}

/** Controller runs reconcile passes for the keys that changes of stores concern. */
export class Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #queue: WorkQueue;

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#queue = new WorkQueue({
      name: options.name,
      handler: options.reconcile,
      log: options.log,
      concurrency: options.concurrency ?? 2,
      clock: this.#clock,
      random: this.#random,
      ...(options.backoff ? { backoff: options.backoff } : {}),
      ...(options.metrics ? { metrics: options.metrics } : {}),
    });
  }

  /** Adds a key for a change that no store shows, such as the result of a poll. */
  enqueue(key: Key): void {
    this.#queue.add(key);
  }

  enqueueAfter(key: Key, ms: number): void {
    this.#queue.addAfter(key, ms);
  }

  /** Resolves when no key waits and no pass runs. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /**
   * Runs passes until the signal is aborted, then waits for those under way. An operator calls it when it becomes
   * leader.
   */
  async run(signal: AbortSignal): Promise<void> {
    const stopped = aborted(signal);
    await Promise.race([this.#options.synced ?? Promise.resolve(), stopped]);
    if (signal.aborted) return;
    const unsubscribe = this.#options.watches.map((source) => source((key) => this.#queue.add(key)));
    const stopResync = this.#scheduleResync();
    this.#queue.start();
    await stopped;
    stopResync();
    for (const stop of unsubscribe) stop();
    await this.#queue.drain();
  }

  /** Spreads a resync over its period, so that not all keys come at once. */
  #scheduleResync(): () => void {
    const { resync } = this.#options;
    if (!resync) return () => {};
    let cancel = (): void => {};
    const schedule = (): void => {
      cancel = this.#clock.after(jittered(resync.everyMs, 0.2, this.#random()), () => {
        for (const key of resync.keys()) this.#queue.addAfter(key, resync.everyMs * this.#random());
        schedule();
      });
    };
    schedule();
    return () => cancel();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
