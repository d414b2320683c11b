// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { PluginWatch } from '../../../../agent/observe/plugin.ts';
import { createRegistry } from '../../../../kube/base/metrics.ts';

function openWatch() {
  const registry = createRegistry();
  const clock = { now: 0 };
  const watch = new PluginWatch(registry, () => clock.now);
  const sum = async () => (await registry.metrics()).match(/heddle_runtime_away_seconds_sum (\S+)/)?.[1];
  return { watch, clock, sum };
}

test('an agent that the runtime has configured and does not call yet is not ready', () => {
  const { watch, clock } = openWatch();
  expect(watch.problem).toContain('has not taken the plugin');
  watch.reached('Waiting');
  clock.now = 7000;
  expect(watch.problem).toContain('waits for a container that is being stopped');
  expect(watch.waitedMs).toBe(7000);
  watch.reached('Serving');
  expect(watch.problem).toBeUndefined();
  expect(watch.waitedMs).toBe(0);
});

test('the gap between two connections is measured until the runtime calls the plugin again', async () => {
  const { watch, clock, sum } = openWatch();
  watch.reached('Waiting');
  watch.reached('Serving');
  expect(await sum()).toBe('0');
  clock.now = 1000;
  watch.reached('Away');
  clock.now = 1020;
  watch.reached('Waiting');
  clock.now = 1250;
  watch.reached('Serving');
  expect(await sum()).toBe('0.25');
});
