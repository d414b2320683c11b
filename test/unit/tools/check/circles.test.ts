// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { findCircles } from '../../../../tools/check/circles.ts';
import { importedFiles } from '../../../../tools/check/imports.ts';

const graph = (edges: Record<string, readonly string[]>) => new Map(Object.entries(edges));

test('a tree and a diamond have no circle', () => {
  expect(findCircles(graph({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }))).toEqual([]);
});

test('a circle is told by the files on it, in the order of import', () => {
  expect(findCircles(graph({ x: ['a'], a: ['b'], b: ['c', 'outside'], c: ['a'] }))).toEqual([
    ['a', 'b', 'c', 'a'],
  ]);
});

test('a file that imports itself, and two circles apart from each other, are all found', () => {
  const found = findCircles(graph({ a: ['a'], b: ['c'], c: ['b', 'd'], d: ['e'], e: ['d'] }));
  expect([...found].sort()).toEqual([
    ['a', 'a'],
    ['b', 'c', 'b'],
    ['d', 'e', 'd'],
  ]);
});

test('headers in C count by what they include between quotes', () => {
  expect(importedFiles('agent/bpf/a.h', '#include <linux/bpf.h>\n#include "b.h"\n')).toEqual([
    'agent/bpf/b.h',
  ]);
});
