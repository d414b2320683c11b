// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { findPageFaults, findUnlisted } from '../../../../tools/check/docs.ts';

const exists = (path: string) => ['docs/a.md', 'kube/store.ts', 'test/cluster/a.test.ts'].includes(path);
const faults = (text: string) => findPageFaults('docs/page.md', text, exists);

test('links and paths that lead somewhere are no fault', () => {
  expect(
    faults('[a](a.md#x) `kube/store.ts` `kube/store` [w](https://example.com) `test/unit/KIND/`'),
  ).toEqual([]);
});

test('a link and a path that lead nowhere are told', () => {
  expect(faults('[b](b.md) `kube/gone.ts`')).toEqual([
    'docs/page.md: a link leads nowhere: b.md',
    'docs/page.md: there is no kube/gone.ts',
  ]);
});

test('commands must say who runs them, and by which test', () => {
  expect(faults('```sh\nx\n```\n```sh by=test/cluster/a.test.ts\nx\n```')).toEqual([
    expect.stringContaining('docs/page.md:1: say who runs'),
  ]);
  expect(faults('```sh by=test/gone.test.ts\nx\n```')).toEqual([
    'docs/page.md:1: there is no test/gone.test.ts',
  ]);
});

test('a page that the index does not name is told', () => {
  expect(findUnlisted(['docs/README.md', 'docs/a.md', 'docs/b.md'], '[a](a.md)')).toEqual([
    'docs/README.md has no link to docs/b.md',
  ]);
});
