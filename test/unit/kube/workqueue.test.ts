// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError } from '../../../kube/api-error.ts';
import { createLogger } from '../../../kube/base/log.ts';
import { WorkQueue, type WorkQueueOptions } from '../../../kube/workqueue.ts';
import { FakeClock, settle } from './base/fake-clock.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** A queue whose passes end when the test says so. */
function setUp(options: Partial<WorkQueueOptions> = {}) {
  const clock = new FakeClock();
  const started: string[] = [];
  const ends = new Map<string, (outcome?: Error) => void>();
  const queue = new WorkQueue({
    name: 'test',
    log,
    clock,
    random: () => 0,
    backoff: { firstMs: 100, maxMs: 1000 },
    handler: (key) => {
      started.push(key);
      return new Promise<void>((resolve, reject) => {
        ends.set(key, (error) => (error ? reject(error) : resolve()));
      });
    },
    ...options,
  });
  const end = async (key: string, error?: Error): Promise<void> => {
    const finish = ends.get(key);
    if (!finish) throw new Error(`${key} is not worked on`);
    ends.delete(key);
    finish(error);
    await settle();
  };
  return { queue, clock, started, end };
}

test('a key that is added many times before its pass is worked on once', async () => {
  const { queue, started, end } = setUp();
  for (let i = 0; i < 5; i += 1) queue.add('a');
  queue.start();
  await end('a');
  await queue.idle();
  expect(started).toEqual(['a']);
});

test('a key that is added during its pass is worked on once more, and only afterwards', async () => {
  const { queue, started, end } = setUp({ concurrency: 4 });
  queue.start();
  queue.add('a');
  queue.add('a');
  queue.add('a');
  await settle();
  expect(started).toEqual(['a']);
  await end('a');
  expect(started).toEqual(['a', 'a']);
  await end('a');
  expect(queue.depth).toBe(0);
});

test('keys are worked on in the order in which they came, as many at once as allowed', async () => {
  const { queue, started, end } = setUp({ concurrency: 2 });
  for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
  expect(started).toEqual([]);
  queue.start();
  expect(started).toEqual(['a', 'b']);
  await end('b');
  expect(started).toEqual(['a', 'b', 'c']);
});

test('failures of one key wait longer and longer, a success forgets them, other keys do not wait', async () => {
  const { queue, clock, started, end } = setUp({ concurrency: 2 });
  queue.start();
  queue.add('a');
  const waits = [100, 200, 400, 800, 1000, 1000];
  for (const [n, wait] of waits.entries()) {
    await end('a', new Error('no'));
    await clock.advance(wait - 1);
    expect(started).toHaveLength(n + 1);
    await clock.advance(1);
    expect(started).toHaveLength(n + 2);
  }
  await end('a');
  queue.add('b');
  queue.add('a');
  await end('b');
  await end('a', new Error('no'));
  await clock.advance(100);
  expect(started.filter((key) => key === 'a')).toHaveLength(waits.length + 3);
});

test('a key whose request got no answer is retried within about a second, however long the outage lasts', async () => {
  const { queue, clock, started, end } = setUp({ backoff: { firstMs: 100, maxMs: 60_000 } });
  queue.start();
  queue.add('a');
  for (let n = 1; n <= 20; n++) {
    await end('a', new ApiError({ status: 0, reason: 'Unreachable', message: 'refused' }));
    await clock.advance(1500);
    expect(started).toHaveLength(n + 1);
  }
});

test('of several delays of one key the earliest counts', async () => {
  const { queue, clock, started } = setUp();
  queue.start();
  queue.addAfter('a', 500);
  queue.addAfter('a', 200);
  queue.addAfter('a', 900);
  expect(clock.waiting).toBe(1);
  await clock.advance(199);
  expect(started).toEqual([]);
  await clock.advance(1);
  expect(started).toEqual(['a']);
});

test('a pass may ask to be repeated after a while', async () => {
  let passes = 0;
  const { queue, clock } = setUp({
    handler: async () => {
      passes += 1;
      return passes < 3 ? { requeueAfterMs: 1000 } : undefined;
    },
  });
  queue.start();
  queue.add('a');
  await settle();
  await clock.advance(999);
  expect(passes).toBe(1);
  await clock.advance(10_000);
  expect(passes).toBe(3);
});

test('a drained queue ends the pass under way, begins no other and forgets delays', async () => {
  const { queue, clock, started, end } = setUp();
  queue.start();
  queue.add('a');
  queue.add('b');
  queue.addAfter('c', 100);
  let drained = false;
  const draining = queue.drain().then(() => {
    drained = true;
  });
  await settle();
  expect(drained).toBe(false);
  await end('a', new Error('late'));
  await draining;
  queue.add('d');
  await clock.advance(10_000);
  expect(started).toEqual(['a']);
});

test('metrics tell depth, waiting time and outcome', async () => {
  const seen: string[] = [];
  const { queue, clock, end } = setUp({
    metrics: {
      depth: (_, keys) => seen.push(`depth ${keys}`),
      started: (_, waitedMs) => seen.push(`waited ${waitedMs}`),
      finished: (_, tookMs, outcome) => seen.push(`took ${tookMs} ${outcome}`),
    },
  });
  queue.add('a');
  await clock.advance(30);
  queue.start();
  await clock.advance(20);
  await end('a', new Error('no'));
  expect(seen).toEqual(['depth 1', 'depth 0', 'waited 30', 'took 20 failed']);
});

test('under any mix of adds, no key is ever worked on twice at once and none is forgotten', async () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), delay: fc.integer({ min: 0, max: 50 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      async (steps, concurrency) => {
        const clock = new FakeClock();
        const active = new Set<string>();
        /** Per key: how often it was added, and how much of that a pass that began later has seen. */
        const added = new Map<string, number>();
        const seen = new Map<string, number>();
        let twice = false;
        const queue = new WorkQueue({
          name: 'test',
          log,
          clock,
          concurrency,
          handler: async (key) => {
            twice ||= active.has(key) || active.size >= concurrency;
            active.add(key);
            seen.set(key, added.get(key) ?? 0);
            await new Promise<void>((resolve) => clock.after(20, resolve));
            active.delete(key);
            if ((added.get(key) ?? 0) % 5 === 4) throw new Error('now and then');
          },
        });
        queue.start();
        for (const { key, delay } of steps) {
          added.set(key, (added.get(key) ?? 0) + 1);
          queue.add(key);
          await clock.advance(delay);
        }
        await clock.advance(1000);
        expect(twice).toBe(false);
        expect(seen).toEqual(added);
      },
    ),
    { numRuns: 60 },
  );
});
