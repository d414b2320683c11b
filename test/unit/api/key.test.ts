// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { joinKey, keyOf, keyOfRef, splitKey } from '../../../api/key.ts';

test('a key is namespace/name, or the name of what has no namespace', () => {
  expect(keyOf({ metadata: { namespace: 'shop', name: 'web' } })).toBe('shop/web');
  expect(keyOf({ metadata: { name: 'worker-1' } })).toBe('worker-1');
  expect(keyOfRef({ namespace: 'shop', name: 'web' })).toBe('shop/web');
  expect(joinKey(undefined, 'worker-1')).toBe('worker-1');
});

test('a key has its parts again', () => {
  expect(splitKey('shop/web')).toEqual({ namespace: 'shop', name: 'web' });
  expect(splitKey('worker-1')).toEqual({ namespace: undefined, name: 'worker-1' });
});

test('an object without a name has no key', () => {
  expect(() => keyOf({ kind: 'Pod', metadata: { namespace: 'shop' } })).toThrow('Pod without metadata.name');
});
