// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Budget } from '../../../../operator/report/budget.ts';

const MIB = 1024 * 1024;

// security.md: tenant-floods-operator
test('a namespace whose instances do not answer keeps six rounds busy, and no round of another one', () => {
  const budget = new Budget({ monotonic: () => 0 });
  const rounds = Array.from({ length: 6 }, () => budget.begin('greedy'));
  expect(rounds.every((round) => round !== undefined)).toBe(true);
  expect(budget.begin('greedy')).toBeUndefined();
  expect(budget.begin('other')).toBeDefined();
  rounds[0]?.end();
  expect(budget.begin('greedy')).toBeDefined();
});

test('a namespace that has sent too many bytes is asked again when it has earned them', () => {
  let now = 0;
  const budget = new Budget({ monotonic: () => now });
  const round = budget.begin('greedy');
  round?.spend(40 * MIB);
  round?.end();
  expect(budget.begin('greedy')).toBeUndefined();
  expect(budget.begin('other')).toBeDefined();
  now = 1000;
  expect(budget.begin('greedy')).toBeUndefined();
  now = 3000;
  expect(budget.begin('greedy')).toBeDefined();
});
