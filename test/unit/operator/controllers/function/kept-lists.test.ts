// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Firewall } from '../../../../../api/index.ts';
import type { InstanceReport } from '../../../../../api/report.ts';
import type { Writer } from '../../../../../kube/apply.ts';
import type { KubeObject } from '../../../../../kube/object.ts';
import { slimKeptList } from '../../../../../kube/slim.ts';
import type { ConfigMap } from '../../../../../kube/wire.ts';
import { keepLists } from '../../../../../operator/controllers/function/kept-lists.ts';
import { createStores } from '../../../../../operator/observe/observation.ts';

const object = {
  apiVersion: 'heddle.dev/v1alpha1',
  kind: 'Firewall',
  metadata: { name: 'edge', namespace: 'shop', uid: 'f1', generation: 3 },
  spec: {
    replicas: 2,
    drainSeconds: 30,
    stateful: true,
    defaultAction: 'Drop',
    sets: [{ name: 'feed', configMapRef: { name: 'lists' } }],
  },
} as unknown as Firewall;

const listAt = (resourceVersion: string, text: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'lists', namespace: 'shop', uid: 'u', resourceVersion },
  data: { 'feed.txt': text },
});

const said = (lists: readonly string[], inputs = 'now'): InstanceReport => ({
  ...{ generation: 3, inputs, error: null, rules: [], logged: 0, lists },
});

/** An API server with this list; the operator has seen the version `seen` of it. */
function world({ list, seen }: { list: ConfigMap | undefined; seen: string }) {
  const stores = createStores();
  const { name = '', namespace, uid } = listAt(seen, '').metadata ?? {};
  stores.configMapVersions.set({ metadata: { name, namespace, uid, resourceVersion: seen } });
  const written: KubeObject[] = [];
  const deleted: (string | undefined)[] = [];
  let reads = 0;
  const writer = {
    read: async () => {
      reads += 1;
      return list;
    },
    apply: async (_: unknown, each: KubeObject) => {
      written.push(each);
      stores.keptLists.set(slimKeptList(each));
      return each;
    },
    delete: async (ref: { readonly name: string }) => {
      deleted.push(ref.name);
      return true;
    },
  } as unknown as Writer;
  const keep = (reports: readonly InstanceReport[], of: Firewall = object) =>
    keepLists({ stores, writer, object: of, inputs: 'now', reports });
  return { keep, written, deleted, reads: () => reads };
}

test('a list that one instance has read is copied once', async () => {
  const { keep, written, reads } = world({ list: listAt('7', '192.0.2.1'), seen: '7' });
  await keep([said([]), said(['feed'])]);
  await keep([said(['feed']), said(['feed'])]);
  expect(written).toMatchObject([
    { metadata: { name: 'heddle-firewall-edge-kept.feed' }, data: { 'feed.txt': '192.0.2.1' } },
  ]);
  expect(reads()).toBe(1);
});

test('what no instance has read is not copied: an older or other edit, a list that has changed since, one that is gone', async () => {
  for (const [list, reports] of [
    [listAt('7', '192.0.2.1'), [said(['feed'], 'before')]],
    [listAt('7', '192.0.2.1'), [{ ...said(['feed']), generation: 2 }]],
    [listAt('7', '192.0.2.1'), [said([])]],
    [listAt('8', '<html>'), [said(['feed'])]],
    [undefined, [said(['feed'])]],
  ] as const) {
    const { keep, written } = world({ list, seen: '7' });
    await keep(reports);
    expect(written).toEqual([]);
  }
});

test('the copy of a set that is taken out of the spec is deleted, and of nobody else', async () => {
  const { keep, deleted } = world({ list: listAt('7', '192.0.2.1'), seen: '7' });
  await keep([said(['feed'])]);
  const other = {
    ...object,
    metadata: { ...object.metadata, uid: 'f2' },
    spec: { ...object.spec, sets: [] },
  };
  await keep([], other as Firewall);
  expect(deleted).toEqual([]);
  await keep([], { ...object, spec: { ...object.spec, sets: [] } } as Firewall);
  expect(deleted).toEqual(['heddle-firewall-edge-kept.feed']);
});
