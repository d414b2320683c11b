// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Applied, type AppliedNetwork } from '../../../../agent/controllers/applied.ts';

const through = (...nodes: readonly string[]): AppliedNetwork => ({
  vni: 1,
  generation: 1,
  slices: new Map(),
  hopNodes: new Set(nodes),
});

test('a node is known as long as some network of this node leads to it', () => {
  const applied = new Applied();
  applied.set('test/a', through('one', 'two'));
  applied.set('test/b', through('two'));
  expect([...applied.hopNodes].sort()).toEqual(['one', 'two']);
  applied.set('test/a', through('three'));
  expect([...applied.hopNodes].sort()).toEqual(['three', 'two']);
  applied.delete('test/b');
  expect([...applied.hopNodes]).toEqual(['three']);
});

test('a network that is written again the same way counts once', () => {
  const applied = new Applied();
  applied.set('test/a', through('one'));
  applied.set('test/a', through('one'));
  applied.delete('test/a');
  expect([...applied.hopNodes]).toEqual([]);
});

test('the networks that lead to a node are known', () => {
  const applied = new Applied();
  applied.set('test/a', through('one', 'two'));
  applied.set('test/b', through('two'));
  expect([...applied.networksThrough('two')].sort()).toEqual(['test/a', 'test/b']);
  expect([...applied.networksThrough('one')]).toEqual(['test/a']);
});
