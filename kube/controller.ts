// SPDX-License-Identifier: Apache-2.0
import type { Key } from '../api/key.ts';
import type { BackoffOptions } from './base/backoff.ts';
import { jittered } from './base/backoff.ts';
import { type Clock, systemClock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import type { Change, StoreReader } from './store.ts';
import { type Handler, type QueueMetrics, WorkQueue } from './workqueue.ts';

/** A source of keys: calls `add` for every key that a change concerns, until the answer is called. */
export type KeySource = (add: (key: Key) => void) => () => void;

/**
 * Keys of a store's changes. `toKeys` gets both sides, so that a change of a reference reaches the object that was
 * named before as well as the one that is named now. What is in the store at the start comes as added.
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

/** The objects of a store themselves: their own keys. */
export function watchOwn<T>(store: Pick<StoreReader<T, never>, 'subscribe'>): KeySource {
  return (add) => store.subscribe(({ key }: Change<T>) => add(key), { replay: true });
}

export interface ControllerOptions {
  readonly name: string;
  readonly watches: readonly KeySource[];
  /** Makes the world right for one key: reads the stores anew, never remembers an event. */
  readonly reconcile: Handler;
  readonly log: Logger;
  /** Resolves when every store that `reconcile` reads is complete. */
  readonly synced?: Promise<unknown>;
  /** All keys are looked at again about so often, against what no watch can tell. Absent: never. */
  readonly resync?: { readonly everyMs: number; readonly keys: () => Iterable<Key> };
  readonly concurrency?: number;
  readonly backoff?: BackoffOptions;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly metrics?: QueueMetrics;
}

/** Ties changes of stores to passes over keys. */
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

  /** For what no store shows: an answer of a poll, say. */
  enqueue(key: Key): void {
    this.#queue.add(key);
  }

  enqueueAfter(key: Key, ms: number): void {
    this.#queue.addAfter(key, ms);
  }

  /** Resolves when no key waits or is worked on. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Works until the signal is aborted, then ends the passes under way. An operator calls it when it leads. */
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

  /** Spreads the keys over the period, so that a resync is a trickle and not a wave. */
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
