// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { listSourcesOf } from '../../../../../api/firewall-lists.ts';
import {
  compileKeptList,
  listsToKeep,
  versionOfList,
} from '../../../../../operator/compile/function/kept-lists.ts';

const owner = { kind: 'Firewall', namespace: 'shop', name: 'edge', uid: 'f1' } as const;
const sources = listSourcesOf({
  sets: [
    { name: 'inline', cidrs: ['10.0.0.0/8'] },
    { name: 'feed', configMapRef: { name: 'lists', key: 'feed.txt' } },
    { name: 'all', configMapRef: { name: 'lists' } },
    { name: 'gone', configMapRef: { name: 'nowhere' } },
  ],
});
const [feed, all] = sources as [(typeof sources)[0], (typeof sources)[0]];
const lists = {
  metadata: { name: 'lists', namespace: 'shop', uid: 'u', resourceVersion: '7' },
  data: { 'feed.txt': '192.0.2.1', 'other.txt': '192.0.2.2' },
  binaryData: { 'more.gz': 'AAAA' },
};

test('a list is kept when an instance has read it and there is no copy of its version', () => {
  const which = (read: readonly string[], kept: ReadonlyMap<string, string | undefined> = new Map()) =>
    listsToKeep({
      sources,
      read: new Set(read),
      versions: (name) => (name === 'lists' ? lists : undefined),
      kept,
    }).map(({ set }) => set);
  expect(which([])).toEqual([]);
  expect(which(['inline', 'feed', 'gone'])).toEqual(['feed']);
  expect(which(['feed', 'all'], new Map([['feed', versionOfList(feed, lists)]]))).toEqual(['all']);
  // Another key of the same ConfigMap is another list.
  expect(which(['feed'], new Map([['feed', versionOfList(all, lists)]]))).toEqual(['feed']);
});

test('a copy has the keys that the set reads, as they are, and belongs to the firewall', () => {
  const copy = compileKeptList(owner, feed, lists);
  expect(copy).toMatchObject({
    metadata: {
      name: 'heddle-firewall-edge-kept.feed',
      labels: { 'heddle.dev/list': 'feed', 'app.kubernetes.io/name': 'heddle' },
      annotations: { 'heddle.dev/list-version': 'lists feed.txt u 7' },
      ownerReferences: [{ kind: 'Firewall', name: 'edge', uid: 'f1' }],
    },
    data: { 'feed.txt': '192.0.2.1' },
    binaryData: {},
  });
  expect(compileKeptList(owner, all, lists)).toMatchObject({
    data: lists.data,
    binaryData: lists.binaryData,
  });
});
