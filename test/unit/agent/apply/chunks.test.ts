// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { chunksOfEntries, chunksOfKeys } from '../../../../agent/apply/chunks.ts';

const entries = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => [`key${index}`, new Uint8Array(bytes)] as const);

test('a long list of entries is written in pieces of half a mebibyte, in its order and whole', () => {
  const all = entries(1000, 4096);
  const chunks = [...chunksOfEntries(all)];
  expect(chunks.flat()).toEqual(all);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(128);
  expect(chunks.length).toBeLessThan(10);
});

test('an entry that is larger than a piece is one of its own', () => {
  const all = entries(3, 1024 * 1024);
  expect([...chunksOfEntries(all)].map((chunk) => chunk.length)).toEqual([1, 1, 1]);
});

test('nothing is no piece', () => {
  expect([...chunksOfEntries([])]).toEqual([]);
  expect([...chunksOfKeys([])]).toEqual([]);
});

test('keys go in pieces too', () => {
  const keys = Array.from({ length: 5000 }, (_, index) => `key${index}`);
  const chunks = [...chunksOfKeys(keys)];
  expect(chunks.flat()).toEqual(keys);
  expect(chunks.map((chunk) => chunk.length)).toEqual([2048, 2048, 904]);
});
