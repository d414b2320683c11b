// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameJson } from '../../../../kube/base/same-json.ts';

test('order of fields and undefined fields do not count, order of items does', () => {
  expect(sameJson({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2, d: undefined }], a: 1 })).toBe(true);
  expect(sameJson([1, 2], [2, 1])).toBe(false);
  expect(sameJson({ a: undefined }, { b: undefined })).toBe(true);
  expect(sameJson({ a: null }, {})).toBe(false);
  expect(sameJson([], {})).toBe(false);
  expect(sameJson('1', 1)).toBe(false);
});

test('two values are the same exactly when their canonical JSON is', () => {
  const canonical = (value: unknown): string =>
    JSON.stringify(value, (_, part: unknown) =>
      part !== null && typeof part === 'object' && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    );
  const value = fc.jsonValue({ maxDepth: 2 }).map((one) => JSON.parse(JSON.stringify(one)) as unknown);
  fc.assert(fc.property(value, value, (a, b) => sameJson(a, b) === (canonical(a) === canonical(b))));
  fc.assert(fc.property(value, (a) => sameJson(a, JSON.parse(JSON.stringify(a)))));
});
