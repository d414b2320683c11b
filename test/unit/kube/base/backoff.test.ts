// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Backoff, backoffDelay, jittered } from '../../../../kube/base/backoff.ts';

const options = { firstMs: 100, maxMs: 1000, jitter: 0.5 };

test('delays double up to the largest', () => {
  const delays = [1, 2, 3, 4, 5, 60].map((failures) => backoffDelay(options, failures, 0));
  expect(delays).toEqual([100, 200, 400, 800, 1000, 1000]);
});

test('jitter takes away at most its part', () => {
  expect(backoffDelay(options, 3, 0.999)).toBeGreaterThan(200);
  expect(backoffDelay(options, 3, 0.5)).toBe(300);
});

test('a success makes the next failure a first one', () => {
  const backoff = new Backoff(options, () => 0);
  expect([backoff.next(), backoff.next()]).toEqual([100, 200]);
  backoff.reset();
  expect(backoff.failures).toBe(0);
  expect(backoff.next()).toBe(100);
});

test('a jittered period is never shorter than the period', () => {
  expect(jittered(1000, 0.2, 0)).toBe(1000);
  expect(jittered(1000, 0.2, 0.5)).toBe(1100);
});
