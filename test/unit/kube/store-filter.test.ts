// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { KubeObject } from '../../../kube/object.ts';
import { Store } from '../../../kube/store.ts';
import { keepOnly } from '../../../kube/store-filter.ts';

const object = (name: string, mark?: string): KubeObject => ({
  metadata: { name, uid: name, resourceVersion: `${mark}`, ...(mark ? { annotations: { mark } } : {}) },
});

function world() {
  const store = new Store<KubeObject>({ name: 'marked' });
  const writer = keepOnly(store, ({ metadata }) => metadata?.annotations?.mark !== undefined);
  return { store, writer, keys: () => [...store.keys()].sort() };
}

test('only what is wanted is stored, from lists and from changes', () => {
  const { writer, keys } = world();
  writer.replace([object('a', 'x'), object('b'), object('c', 'x')]);
  expect(keys()).toEqual(['a', 'c']);
  writer.set(object('d'));
  writer.set(object('b', 'x'));
  expect(keys()).toEqual(['a', 'b', 'c']);
});

test('what is wanted no longer is deleted, and readers are told', () => {
  const { store, writer, keys } = world();
  writer.replace([object('a', 'x'), object('b', 'x')]);
  const gone: string[] = [];
  store.subscribe(({ kind, key }) => gone.push(`${kind} ${key}`));
  writer.set(object('a'));
  writer.replace([object('b')]);
  writer.delete('c');
  expect(keys()).toEqual([]);
  expect(gone).toEqual(['Deleted a', 'Deleted b']);
});
