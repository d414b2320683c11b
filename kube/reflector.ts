// SPDX-License-Identifier: Apache-2.0
import { keyOf } from '../api/key.ts';
import { ApiError, isGone, isInvalid, isNotFound } from './api-error.ts';
import { Backoff, type BackoffOptions, jittered } from './base/backoff.ts';
import { type Clock, sleep, systemClock } from './base/clock.ts';
import { listAll } from './list.ts';
import type { KubeObject } from './object.ts';
import type { ReflectorOptions } from './reflector-options.ts';
import { collectionPath } from './resource.ts';
import type { Query } from './transport.ts';
import { completeObject, parseWatchEvent, type WatchEvent } from './watch-event.ts';

export type { ReflectorMetrics, ReflectorOptions } from './reflector-options.ts';

const DEFAULT_BACKOFF: BackoffOptions = { firstMs: 500, maxMs: 30_000 };
/** Interval of requests while no server answers. They cost it nothing, and changes are needed as soon as it is back. */
const UNREACHABLE_MS = 500;
/** Interval of requests for an optional kind that the server does not know. */
const ABSENT_MS = 10_000;
/**
 * Failures in a row from the same resourceVersion, after which the version itself is suspect and a new list is made.
 */
const FAILURES_BEFORE_RELIST = 4;

/**
 * A watch that ends sooner and without events counts as a failure. Otherwise it would be opened again in a tight
 * loop.
 */
const SHORT_WATCH_MS = 1000;

/**
 * Reflector keeps a store equal to the API server's objects. It runs until it is aborted: failures are logged and
 * retried with back-off, from the last resourceVersion. Only an expired version needs a new list.
 */
export class Reflector<T extends KubeObject> {
  /** Resolves when the store is complete for the first time. */
  readonly synced: Promise<void>;
  readonly #options: ReflectorOptions<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #path: string;
  readonly #backoff: Backoff;
  #markSynced: () => void = () => {};
  #hasSynced = false;
  /** The resourceVersion to continue from; undefined: list everything. */
  #resourceVersion: string | undefined;
  /** Whether a version expired since a watch last delivered a change. */
  #hasExpired = false;
  /** Whether the last request got no answer. This is logged once, not each half second. */
  #isUnreachable = false;
  /** Whether the server can stream the list. The first attempt finds out. */
  #streamsLists = true;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#path = collectionPath(options.resource, options.namespace);
    this.#backoff = new Backoff(options.backoff ?? DEFAULT_BACKOFF, this.#random);
    this.synced = new Promise((resolve) => {
      this.#markSynced = resolve;
    });
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Never rejects; resolves some time after the signal was aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#pass(signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error, signal);
      }
    }
  }

  /** Makes one list if there is no version to continue from, then one watch until the server ends it. */
  async #pass(signal: AbortSignal): Promise<void> {
    if (this.#resourceVersion === undefined && this.#streamsLists) return this.#watchList(signal);
    if (this.#resourceVersion === undefined) await this.#list(signal);
    await this.#watch(signal);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { transport, pageSize, metadataOnly } = this.#options;
    const { objects, resourceVersion } = await listAll(transport, this.#path, {
      query: this.#selectors(),
      pageSize: pageSize ?? 500,
      metadataOnly: metadataOnly ?? false,
      signal,
      transform: (object) => this.#ingest(object),
    });
    this.#replace(objects, resourceVersion);
  }

  /**
   * Reads the list as the first events of a watch, so that neither the server nor this program needs memory for a
   * whole list.
   */
  async #watchList(signal: AbortSignal): Promise<void> {
    const initial = new Map<string, T>();
    let complete = false;
    const query = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
    try {
      await this.#stream(query, signal, (event) => {
        if (complete) return this.#take(event);
        switch (event.kind) {
          case 'Set':
            initial.set(keyOf(event.object), this.#ingest(event.object));
            return;
          case 'Delete':
            initial.delete(keyOf(event.object));
            return;
          case 'Error':
            throw event.error;
          case 'Bookmark':
            if (!event.initialEventsEnd) return;
            complete = true;
            this.#replace(initial.values(), event.resourceVersion);
            initial.clear();
        }
      });
      if (!complete) throw lost(`watch ${this.#path}: ended before the list was complete`);
    } catch (error) {
      if (complete || !isInvalid(error)) throw error;
      this.#options.log.debug(
        { store: this.#options.store.name },
        'server does not stream lists, paging instead',
      );
      this.#streamsLists = false;
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const query = { resourceVersion: this.#resourceVersion };
    await this.#stream(query, signal, (event) => this.#take(event));
  }

  async #stream(query: Query, signal: AbortSignal, onEvent: (event: WatchEvent) => void): Promise<void> {
    const { transport, metadataOnly, metrics, store, watchTimeoutMs = 300_000 } = this.#options;
    const timeoutMs = jittered(watchTimeoutMs, 1, this.#random());
    const startedAt = this.#clock.monotonic();
    let events = 0;
    await transport.watch(this.#path, {
      query: {
        watch: true,
        allowWatchBookmarks: true,
        timeoutSeconds: Math.max(1, Math.ceil(timeoutMs / 1000)),
        ...this.#selectors(),
        ...query,
      },
      ...(metadataOnly ? { accept: METADATA_WATCH } : {}),
      signal,
      idleTimeoutMs: this.#options.stallMs ?? 180_000,
      onValue: (value) => {
        const event = parseWatchEvent(value);
        metrics?.event(store.name, event.kind);
        events += 1;
        onEvent(event);
      },
    });
    if (events === 0 && this.#clock.monotonic() - startedAt < SHORT_WATCH_MS) {
      throw lost(`watch ${this.#path}: ended at once`);
    }
    this.#hasExpired = false;
    this.#backoff.reset();
    metrics?.watchEnded(store.name, 'Closed');
  }

  #take(event: WatchEvent): void {
    switch (event.kind) {
      case 'Set':
        this.#options.store.set(this.#ingest(event.object));
        this.#advance(event.object.metadata?.resourceVersion);
        return;
      case 'Delete':
        this.#options.store.delete(keyOf(event.object));
        this.#advance(event.object.metadata?.resourceVersion);
        return;
      case 'Bookmark':
        this.#advance(event.resourceVersion);
        return;
      case 'Error':
        throw event.error;
    }
  }

  #advance(resourceVersion: string | undefined): void {
    if (!resourceVersion) return;
    this.#resourceVersion = resourceVersion;
    this.#hasExpired = false;
    this.#isUnreachable = false;
    this.#backoff.reset();
  }

  #replace(objects: Iterable<T>, resourceVersion: string): void {
    const { store, metrics, log } = this.#options;
    let count = 0;
    const counted = (function* () {
      for (const object of objects) {
        count += 1;
        yield object;
      }
    })();
    store.replace(counted);
    // The back-off is not reset here: a server that answers lists but expires every watch must not be overloaded.
    this.#resourceVersion = resourceVersion;
    this.#hasSynced = true;
    this.#markSynced();
    metrics?.listed(store.name, count);
    log.debug({ store: store.name, objects: count, resourceVersion }, 'listed');
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { store, log, metrics } = this.#options;
    metrics?.watchEnded(store.name, error instanceof ApiError ? error.reason : 'Error');
    if (this.#options.optional && isNotFound(error)) {
      this.#replace([], '');
      this.#resourceVersion = undefined;
      return sleep(this.#clock, jittered(ABSENT_MS, 1, this.#random()), signal);
    }
    if (isGone(error)) {
      log.info({ store: store.name }, 'version expired, listing again');
      this.#resourceVersion = undefined;
      // The first expiry is retried at once, whatever failed before. A server that repeats it gets a back-off.
      if (!this.#hasExpired) {
        this.#hasExpired = true;
        this.#backoff.next();
        return;
      }
    }
    if (error instanceof ApiError && error.reason === 'Unreachable') {
      // The version is not the cause, so an outage does not make all clients list again.
      this.#backoff.reset();
      const waitMs = jittered(UNREACHABLE_MS, 1, this.#random());
      const level = this.#isUnreachable ? 'debug' : 'info';
      this.#isUnreachable = true;
      log[level]({ store: store.name, error, waitMs: Math.round(waitMs) }, 'no answer, trying again');
      return sleep(this.#clock, waitMs, signal);
    }
    this.#isUnreachable = false;
    // Retry when the server asks for it: a server that has just started does so until it knows all of its kinds.
    const said = error instanceof ApiError ? error.retryAfterMs : undefined;
    const delay = said === undefined ? this.#backoff.next() : jittered(said, 0.5, this.#random());
    if (said === undefined && this.#backoff.failures % FAILURES_BEFORE_RELIST === 0) {
      this.#resourceVersion = undefined;
    }
    const level = this.#backoff.failures > 1 ? 'warn' : 'info';
    log[level]({ store: store.name, error, waitMs: Math.round(delay) }, 'watch failed, trying again');
    await sleep(this.#clock, delay, signal);
  }

  #ingest(wire: KubeObject): T {
    const object = completeObject(wire, this.#options.resource);
    return this.#options.transform ? this.#options.transform(object) : (object as T);
  }

  #selectors(): Query {
    return { labelSelector: this.#options.labelSelector, fieldSelector: this.#options.fieldSelector };
  }
}

function lost(message: string): ApiError {
  return new ApiError({ status: 0, reason: 'Lost', message });
}

const METADATA_WATCH = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
