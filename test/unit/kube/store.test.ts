// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Change, Store } from '../../../kube/store.ts';

interface Thing {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly tags: readonly string[];
}

function thing(name: string, tags: readonly string[] = [], uid = name, resourceVersion = '1'): Thing {
  return { metadata: { namespace: 'shop', name, uid, resourceVersion }, tags };
}

function setUp() {
  const store = new Store<Thing, 'tag'>({ name: 'things', indexes: { tag: ({ tags }) => tags } });
  const heard: string[] = [];
  store.subscribe(({ kind, key }: Change<Thing>) => heard.push(`${kind} ${key}`));
  return { store, heard };
}

test('objects are found by key and by every value of an index, and by no value that they had before', () => {
  const { store } = setUp();
  store.set(thing('a', ['red', 'round']));
  store.set(thing('b', ['red']));
  expect(store.keysByIndex('tag', 'red')).toEqual(['shop/a', 'shop/b']);
  store.set(thing('a', ['round', 'blue']));
  expect(store.keysByIndex('tag', 'red')).toEqual(['shop/b']);
  expect(store.byIndex('tag', 'blue').map(({ metadata }) => metadata.name)).toEqual(['a']);
  expect(store.countByIndex('tag', 'round')).toBe(1);
  store.delete('shop/b');
  expect([...store.indexValues('tag')].sort()).toEqual(['blue', 'round']);
});

test('an object of the same name with another uid is delivered as a delete, then an add', () => {
  const { store, heard } = setUp();
  store.set(thing('a', ['red'], 'first'));
  store.set(thing('a', ['blue'], 'second'));
  expect(heard).toEqual(['Added shop/a', 'Deleted shop/a', 'Added shop/a']);
  expect(store.keysByIndex('tag', 'red')).toEqual([]);
});

test('a complete list deletes what is not in it and does not touch what is the same', () => {
  const { store, heard } = setUp();
  for (const name of ['a', 'b', 'c']) store.set(thing(name));
  heard.length = 0;
  store.replace([thing('a'), thing('c', ['red'], 'c', '2'), thing('d')]);
  expect(heard).toEqual(['Deleted shop/b', 'Updated shop/c', 'Added shop/d']);
});

test('a listener that is added later may get the existing objects', () => {
  const { store } = setUp();
  store.set(thing('a'));
  const late: Change<Thing>[] = [];
  const stop = store.subscribe((change) => late.push(change), { replay: true });
  store.set(thing('b'));
  stop();
  store.set(thing('c'));
  expect(late.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['Added shop/a', 'Added shop/b']);
});

test('a listener sees the store as it is after the change', () => {
  const { store } = setUp();
  const sizes: number[] = [];
  store.subscribe(() => sizes.push(store.countByIndex('tag', 'red')));
  store.set(thing('a', ['red']));
  store.delete('shop/a');
  expect(sizes).toEqual([1, 0]);
});

test('a listener that throws is reported and takes nothing from the others', () => {
  const problems: unknown[] = [];
  const store = new Store<Thing>({ name: 'things', onListenerError: (error) => problems.push(error) });
  const heard: string[] = [];
  store.subscribe(() => {
    throw new Error('bad listener');
  });
  store.subscribe(({ key }) => heard.push(key));
  store.set(thing('a'));
  expect(heard).toEqual(['shop/a']);
  expect(problems).toHaveLength(1);
});

test('after any sequence of changes each index says the same as a look at every object', () => {
  const tag = fc.constantFrom('red', 'blue', 'round');
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.oneof(
    fc.record({ name, tags: fc.array(tag, { maxLength: 4 }), uid: fc.constantFrom('1', '2') }),
    fc.record({ name }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { store } = setUp();
      for (const one of steps) {
        if ('tags' in one) store.set(thing(one.name, one.tags, one.uid));
        else store.delete(`shop/${one.name}`);
      }
      for (const value of ['red', 'blue', 'round']) {
        const looked = [...store.values()].filter(({ tags }) => tags.includes(value));
        expect(new Set(store.byIndex('tag', value))).toEqual(new Set(looked));
        expect(store.countByIndex('tag', value)).toBe(looked.length);
      }
    }),
  );
});
