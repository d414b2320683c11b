// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { KubeObject } from '../../../kube/object.ts';
import { overlay } from '../../../kube/overlay.ts';
import { Store } from '../../../kube/store.ts';

interface Thing extends KubeObject {
  readonly text: string;
}

function world() {
  const [current, former, whole] = ['current', 'former', 'whole'].map(
    (name) => new Store<Thing>({ name }),
  ) as [Store<Thing>, Store<Thing>, Store<Thing>];
  overlay({ current, former, whole });
  const seen = () => Object.fromEntries([...whole.keys()].map((key) => [key, whole.get(key)?.text]));
  return { current, former, whole, seen };
}

const thing = (name: string, text: string, version = '1'): Thing => ({
  metadata: { namespace: 'shop', name, uid: `${text}-${name}`, resourceVersion: version },
  text,
});

test('an object of the former group alone is found', () => {
  const { current, former, seen } = world();
  former.replace([thing('a', 'former'), thing('b', 'former')]);
  current.replace([]);
  expect(seen()).toEqual({ 'shop/a': 'former', 'shop/b': 'former' });
});

test('the current group wins object by object, whichever is read first', () => {
  const { current, former, seen } = world();
  current.replace([thing('a', 'current')]);
  former.replace([thing('a', 'former'), thing('b', 'former')]);
  expect(seen()).toEqual({ 'shop/a': 'current', 'shop/b': 'former' });
  current.set(thing('b', 'current'));
  former.set(thing('b', 'former', '2'));
  expect(seen()).toEqual({ 'shop/a': 'current', 'shop/b': 'current' });
});

test('an object that moves is never missing to those who look after a change', () => {
  const { current, former, whole, seen } = world();
  former.set(thing('a', 'former'));
  current.set(thing('a', 'current'));
  expect(seen()).toEqual({ 'shop/a': 'current' });
  // As after `helm rollback`, which takes the current group's definition away.
  current.replace([]);
  expect(seen()).toEqual({ 'shop/a': 'former' });
  current.set(thing('a', 'current'));
  former.replace([]);
  expect(seen()).toEqual({ 'shop/a': 'current' });
  current.delete('shop/a');
  expect(whole.size).toBe(0);
});

test('an object of the former group that goes takes none of the current one with it', () => {
  const { current, former, seen } = world();
  former.set(thing('a', 'former'));
  current.set(thing('a', 'current'));
  former.delete('shop/a');
  expect(seen()).toEqual({ 'shop/a': 'current' });
});
