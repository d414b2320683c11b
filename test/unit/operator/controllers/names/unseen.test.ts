// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Unseen } from '../../../../../operator/controllers/names/unseen.ts';

const slice = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } });

test('a pass waits until the store shows what the one before has written', () => {
  const unseen = new Unseen();
  const before = [slice('a', '1'), slice('b', '1')];
  unseen.note('shop/web', ['a', 'c'], before, 1000);
  expect(unseen.waitFor('shop/web', before, 1100)).toBe(9900);
  expect(unseen.waitFor('shop/web', [slice('a', '2'), slice('b', '1')], 1100)).toBe(9900);
  expect(unseen.waitFor('shop/web', [slice('a', '2'), slice('b', '1'), slice('c', '3')], 1100)).toBe(0);
  expect(unseen.waitFor('shop/web', before, 1100)).toBe(0);
});

test('a deletion is waited for too', () => {
  const unseen = new Unseen();
  unseen.note('shop/web', ['a'], [slice('a', '1')], 0);
  expect(unseen.waitFor('shop/web', [slice('a', '1')], 1)).toBeGreaterThan(0);
  expect(unseen.waitFor('shop/web', [], 1)).toBe(0);
});

test('what never shows is not waited for for ever, and other Services do not wait', () => {
  const unseen = new Unseen();
  unseen.note('shop/web', ['a'], [], 0);
  expect(unseen.waitFor('shop/db', [], 1)).toBe(0);
  expect(unseen.waitFor('shop/web', [], 10_000)).toBe(0);
});
