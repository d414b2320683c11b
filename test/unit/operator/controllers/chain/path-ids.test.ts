// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { ServiceChain } from '../../../../../api/index.ts';
import { PathIds } from '../../../../../operator/controllers/chain/path-ids.ts';
import { createStores } from '../../../../../operator/observe/observation.ts';

const chain = (name: string, status: ServiceChain['status']): ServiceChain =>
  ({
    metadata: { namespace: 'n', name, uid: name, creationTimestamp: '2026-11-23T15:00:00Z' },
    spec: { network: 'shop', functions: [] },
    status,
  }) as unknown as ServiceChain;

test('a chain may have two paths, and no two paths have one id, stored or only given', () => {
  const stores = createStores();
  for (const each of [chain('a', { pathId: 1, outsidePathId: 2 }), chain('b', { pathId: 4 })]) {
    stores.serviceChains.set(each);
  }
  const ids = new PathIds(stores, () => 0);
  const fresh = chain('c', {});
  expect(ids.take('n/a', chain('a', { pathId: 1, outsidePathId: 2 }), 'outsidePathId')).toBe(2);
  expect(ids.take('n/c', fresh, 'pathId')).toBe(3);
  expect(ids.take('n/c', fresh, 'outsidePathId')).toBe(5);
  expect(ids.take('n/d', chain('d', {}), 'pathId')).toBe(6);
  // It is asked again before the store shows the status.
  expect(ids.take('n/c', fresh, 'pathId')).toBe(3);
  ids.forget('n/c', ['outsidePathId']);
  expect(ids.take('n/e', chain('e', {}), 'pathId')).toBe(5);
});

test('the older of two chains keeps an id that one has for clients outside', () => {
  const stores = createStores();
  const younger = chain('z', { pathId: 2 });
  for (const each of [chain('a', { pathId: 1, outsidePathId: 2 }), younger]) stores.serviceChains.set(each);
  const ids = new PathIds(stores, () => 0);
  expect(ids.take('n/z', younger, 'pathId')).toBe(3);
  expect(ids.take('n/a', stores.serviceChains.get('n/a')!, 'outsidePathId')).toBe(2);
});
