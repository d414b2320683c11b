// SPDX-License-Identifier: Apache-2.0
// security.md: tenant-delays-pods
import { expect, test } from 'vitest';
import { WaitBudget } from '../../../../../agent/controllers/hook/budget.ts';

/** The time that pods of these namespaces wait in a minute in which they come as often as they can. */
function waitFor(namespaces: readonly string[]): number {
  const budget = new WaitBudget(0);
  let waited = 0;
  let at = 0;
  while (at < 60_000) {
    for (const namespace of namespaces) {
      const ms = budget.take(namespace, 500, at);
      waited += ms;
      at += ms;
    }
    at += 10;
  }
  return waited;
}

test('all pods of a node together wait for two seconds and a tenth of the time at most', () => {
  const waited = waitFor(Array.from({ length: 200 }, (_, at) => `tenant-${at}`));
  expect(waited).toBeGreaterThan(5000);
  expect(waited).toBeLessThanOrEqual(2000 + 6000);
});

test('the pods of one namespace together wait for half a second and a fortieth of the time at most', () => {
  const waited = waitFor(['tenant']);
  expect(waited).toBeGreaterThan(1500);
  expect(waited).toBeLessThanOrEqual(500 + 1500);
});

test('a namespace that has used up its waiting time leaves that of others', () => {
  const budget = new WaitBudget(0);
  expect(budget.take('loud', 500, 0)).toBe(500);
  expect(budget.take('loud', 500, 1)).toBe(0);
  expect(budget.take('calm', 500, 1)).toBe(500);
});

test('time that was not needed is given back', () => {
  const budget = new WaitBudget(0);
  for (let i = 0; i < 100; i += 1) {
    const ms = budget.take('quick', 500, 0);
    expect(ms).toBe(500);
    budget.giveBack('quick', ms);
  }
});
