// SPDX-License-Identifier: Apache-2.0
import { isNotFound } from './api-error.ts';
import type { Writer } from './apply.ts';
import { type Clock, systemClock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import { TokenBucket } from './base/token-bucket.ts';
import {
  type EventNote,
  type EventObject,
  type Reporter,
  renderEvent,
  seriesOf,
  timestamp,
} from './event-series.ts';
import { resources } from './resource.ts';

export type { EventNote, EventType } from './event-series.ts';

export interface EventRecorderOptions {
  readonly writer: Writer;
  readonly reporter: Reporter;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** Time in which equal notes are counted in one Event. */
const SERIES_MS = 10 * 60_000;
/** Shortest interval between writes of one Event: a pass that fails each second must not write each second. */
const RECOUNT_MS = 10_000;
/** Limit of Events for one object, over all its notes. */
const PER_OBJECT = { burst: 25, refillMs: 5 * 60_000 };
const MAX_SERIES = 4096;
const MAX_WAITING = 1000;

interface Series {
  readonly note: EventNote;
  /** The Event as first written. */
  event: EventObject | undefined;
  count: number;
  lastAt: number;
  writtenAt: number;
  waiting: boolean;
}

/**
 * EventRecorder records Events about objects. `record` returns at once and never throws. Events that the API does not
 * accept are logged and dropped, because no work may depend on an Event.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  /** Series in order of last use, the oldest first. */
  readonly #series = new Map<string, Series>();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #waiting: Series[] = [];
  /** Series with a count that is written later, with the function that cancels the timer. */
  readonly #counting = new Map<Series, () => void>();
  #sending: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  record(note: EventNote): void {
    const at = this.#clock.now();
    const key = seriesOf(note);
    const known = this.#series.get(key);
    this.#series.delete(key);
    const goesOn = known !== undefined && at - known.lastAt < SERIES_MS;
    const series = goesOn
      ? known
      : { note, event: undefined, count: 0, lastAt: at, writtenAt: 0, waiting: false };
    series.count += 1;
    series.lastAt = at;
    this.#series.set(key, series);
    forgetOldest(this.#series);
    if (series.waiting || !this.#mayPass(note, at)) return;
    series.waiting = true;
    // The first note is sent at once. A repeated one may wait, and is then sent with all notes that came meanwhile.
    const pause = series.event ? series.writtenAt + RECOUNT_MS - at : 0;
    if (pause > 0) this.#later(series, pause);
    else this.#enqueue(series);
  }

  /** Resolves when all due Events are sent; delayed counts are not waited for. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  /** Sends the delayed counts too, and leaves no timer. Call it when a program ends. */
  async flush(): Promise<void> {
    for (const [series, cancel] of this.#counting) {
      cancel();
      this.#enqueue(series);
    }
    this.#counting.clear();
    await this.settled();
  }

  #later(series: Series, ms: number): void {
    const cancel = this.#clock.after(ms, () => {
      this.#counting.delete(series);
      this.#enqueue(series);
    });
    this.#counting.set(series, cancel);
  }

  #enqueue(series: Series): void {
    if (this.#waiting.length >= MAX_WAITING) {
      series.waiting = false;
      return;
    }
    this.#waiting.push(series);
    this.#sending ??= this.#send();
  }

  #mayPass({ object }: EventNote, at: number): boolean {
    const { uid, namespace, name } = object.metadata ?? {};
    const key = JSON.stringify([object.kind, namespace, name, uid]);
    const bucket = this.#buckets.get(key) ?? new TokenBucket(PER_OBJECT, at);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    forgetOldest(this.#buckets);
    return bucket.take(at);
  }

  /** Sends the Events one by one, because they are the least urgent requests. */
  async #send(): Promise<void> {
    // Wait for the caller's turn to end, so that the rendering of an Event delays no pass.
    await Promise.resolve();
    for (let series = this.#waiting.shift(); series; series = this.#waiting.shift()) {
      series.waiting = false;
      series.writtenAt = this.#clock.now();
      try {
        await this.#write(series);
      } catch (error) {
        this.#options.log.warn({ error, reason: series.note.reason }, 'could not write an Event');
      }
    }
    this.#sending = undefined;
  }

  async #write(series: Series): Promise<void> {
    const { writer, reporter } = this.#options;
    const { event, count } = series;
    if (event) {
      const ref = {
        resource: resources.events,
        namespace: event.metadata.namespace,
        name: event.metadata.name ?? '',
      };
      try {
        await writer.patch(ref, { count, lastTimestamp: timestamp(series.lastAt) });
        return;
      } catch (error) {
        // The server deletes Events after an hour. Then this is the first one again.
        if (!isNotFound(error)) throw error;
      }
    }
    const fresh = { ...renderEvent(series.note, reporter, this.#clock.now()), count };
    await writer.create(resources.events, fresh);
    series.event = fresh;
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  if (map.size <= MAX_SERIES) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
