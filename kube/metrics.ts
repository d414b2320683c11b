// SPDX-License-Identifier: Apache-2.0
import { Counter, Gauge, Histogram, type Registry } from './base/metrics.ts';
import type { ReflectorMetrics } from './reflector.ts';
import type { QueueMetrics } from './workqueue.ts';

const PASS_BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];

/** Creates the metrics of queues: depth, waiting time, duration of a pass, outcomes. */
export function createQueueMetrics(registry: Registry): QueueMetrics {
  const registers = [registry];
  const labelNames = ['queue'] as const;
  const depth = new Gauge({
    name: 'heddle_queue_depth',
    help: 'Keys that wait for a pass',
    labelNames,
    registers,
  });
  const waited = new Histogram({
    name: 'heddle_queue_wait_seconds',
    help: 'How long a key waited for its pass',
    labelNames,
    buckets: PASS_BUCKETS,
    registers,
  });
  const took = new Histogram({
    name: 'heddle_pass_seconds',
    help: 'How long a pass over one key took',
    labelNames,
    buckets: PASS_BUCKETS,
    registers,
  });
  const passes = new Counter({
    name: 'heddle_passes_total',
    help: 'Passes by outcome; a failed one is tried again',
    labelNames: ['queue', 'outcome'] as const,
    registers,
  });
  return {
    depth: (queue, keys) => depth.set({ queue }, keys),
    started: (queue, waitedMs) => waited.observe({ queue }, waitedMs / 1000),
    finished: (queue, tookMs, outcome) => {
      took.observe({ queue }, tookMs / 1000);
      passes.inc({ queue, outcome });
    },
  };
}

/** Creates the metrics of reflectors: objects listed, events, and why watches ended. */
export function createReflectorMetrics(registry: Registry): ReflectorMetrics {
  const registers = [registry];
  const lists = new Counter({
    name: 'heddle_lists_total',
    help: 'Complete lists read',
    labelNames: ['store'] as const,
    registers,
  });
  const objects = new Gauge({
    name: 'heddle_listed_objects',
    help: 'Objects in the last complete list',
    labelNames: ['store'] as const,
    registers,
  });
  const ended = new Counter({
    name: 'heddle_watches_ended_total',
    help: 'Watches that ended, by reason; Closed is the orderly one',
    labelNames: ['store', 'reason'] as const,
    registers,
  });
  const events = new Counter({
    name: 'heddle_watch_events_total',
    help: 'Events of watches',
    labelNames: ['store', 'kind'] as const,
    registers,
  });
  return {
    listed: (store, count) => {
      lists.inc({ store });
      objects.set({ store }, count);
    },
    watchEnded: (store, reason) => ended.inc({ store, reason }),
    event: (store, kind) => events.inc({ store, kind }),
  };
}
