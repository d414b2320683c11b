// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { LARGEST_ID } from '../../../../../api/context/context.ts';
import { allocatePathId, keepsPathId } from '../../../../../operator/compile/chain/path-id.ts';

describe('path ids', () => {
  test('are taken from the start on, round the end, and never 0', () => {
    const taken = new Set([LARGEST_ID, 1, 2]);
    expect(allocatePathId({ isTaken: (id) => taken.has(id), start: LARGEST_ID })).toBe(3);
  });

  test('of all 65535 the last free one is found', () => {
    expect(allocatePathId({ isTaken: (id) => id !== 4711, start: 4712 })).toBe(4711);
  });

  test('run out', () => {
    expect(allocatePathId({ isTaken: () => true, start: 1 })).toBeUndefined();
  });

  test('are kept by the older of two claims, and by the first name of two of one second', () => {
    const older = { key: 'b/chain', createdAt: '2026-11-23T15:00:00Z' };
    const younger = { key: 'a/chain', createdAt: '2026-11-23T15:00:01Z' };
    const twin = { key: 'c/chain', createdAt: older.createdAt };
    expect(keepsPathId(older, [younger, twin])).toBe(true);
    expect(keepsPathId(younger, [older])).toBe(false);
    expect(keepsPathId(twin, [older])).toBe(false);
  });
});
