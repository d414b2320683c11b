// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { findStrayTests } from '../../../../tools/check/mirror.ts';

const here =
  (...paths: string[]) =>
  (path: string) =>
    paths.includes(path);

test('a test of a file and a test of a folder are found by their names', () => {
  const exists = here('kube/store.ts', 'agent/trace');
  expect(findStrayTests(['kube/store.test.ts', 'agent/trace.test.ts', 'agent/fixtures.ts'], exists)).toEqual(
    [],
  );
});

test('a test that is named after nothing is refused', () => {
  expect(findStrayTests(['kube/wire.test.ts'], here())).toEqual([
    expect.stringContaining('neither kube/wire.ts nor a folder kube/wire'),
  ]);
});

test('two folders that differ by an s are refused', () => {
  const problems = findStrayTests(['function/a.ts', 'functions/b.ts'], here());
  expect(problems).toEqual(['two folders differ by an s: function and functions']);
});
