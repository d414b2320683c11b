// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { createLogger } from '../../../kube/base/log.ts';
import { Controller, type ControllerOptions, watch, watchOwn } from '../../../kube/controller.ts';
import { Store } from '../../../kube/store.ts';
import { FakeClock, settle } from './base/fake-clock.ts';

const log = createLogger({ name: 'test', level: 'silent' });

interface Chain {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly network: string;
}

function chain(name: string, network: string): Chain {
  return { metadata: { namespace: 'shop', name }, network };
}

function setUp(options: Partial<ControllerOptions> = {}) {
  const chains = new Store<Chain>({ name: 'chains' });
  const clock = new FakeClock();
  const passes: string[] = [];
  const stop = new AbortController();
  const controller = new Controller({
    name: 'networks',
    log,
    clock,
    random: () => 0.5,
    watches: [watch(chains, (old, now) => [old?.network, now?.network].filter((name) => name !== undefined))],
    reconcile: async (key) => {
      passes.push(key);
    },
    ...options,
  });
  return { chains, clock, passes, stop, controller, running: () => controller.run(stop.signal) };
}

test('a changed reference reaches what was named before and what is named now', async () => {
  const { chains, passes, stop, running } = setUp();
  const run = running();
  await settle();
  chains.set(chain('a', 'old'));
  await settle();
  chains.set(chain('a', 'new'));
  await settle();
  expect(passes).toEqual(['old', 'old', 'new']);
  stop.abort();
  await run;
});

test('no pass begins before the stores are complete; what they hold by then is worked on', async () => {
  let complete = (): void => {};
  const synced = new Promise<void>((resolve) => {
    complete = resolve;
  });
  const { chains, passes, stop, running } = setUp({ synced });
  const run = running();
  chains.set(chain('a', 'one'));
  chains.set(chain('b', 'two'));
  await settle();
  expect(passes).toEqual([]);
  complete();
  await settle();
  expect(passes).toEqual(['one', 'two']);
  stop.abort();
  await run;
});

test('a controller that was stopped gets no more events', async () => {
  const { chains, passes, stop, running } = setUp();
  const run = running();
  await settle();
  stop.abort();
  await run;
  chains.set(chain('a', 'one'));
  await settle();
  expect(passes).toEqual([]);
});

test('every key gets a pass again within two periods, spread over time', async () => {
  const seen: { key: string; at: number }[] = [];
  const clock = new FakeClock();
  const began = clock.monotonic();
  let nth = 0;
  const { stop, running } = setUp({
    clock,
    random: () => (nth++ % 10) / 10,
    resync: { everyMs: 10_000, keys: () => ['a', 'b', 'c'] },
    reconcile: async (key) => {
      seen.push({ key, at: clock.monotonic() - began });
    },
  });
  const run = running();
  await settle();
  await clock.advance(20_000);
  expect(new Set(seen.map(({ key }) => key))).toEqual(new Set(['a', 'b', 'c']));
  expect(new Set(seen.map(({ at }) => at)).size).toBeGreaterThan(1);
  stop.abort();
  await run;
  expect(clock.waiting).toBe(0);
});

test('the objects of a store are worked on under their own keys', async () => {
  const things = new Store<Chain>({ name: 'things' });
  things.set(chain('a', 'x'));
  const { passes, stop, running } = setUp({ watches: [watchOwn(things)] });
  const run = running();
  await settle();
  things.delete('shop/a');
  await settle();
  expect(passes).toEqual(['shop/a', 'shop/a']);
  stop.abort();
  await run;
});
