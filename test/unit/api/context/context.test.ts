// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeMark,
  encodeMacFrom,
  encodeMacTo,
  encodeMark,
  instanceMac,
  instanceOfMac,
} from '../../../../api/context/context.ts';
import { formatMac, macBytes } from '../../../../api/net/mac.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('a mark', () => {
  test.for([
    [{ path: 12, position: 0 }, 0x8000000c],
    [{ path: 0xffff, position: 15, isReply: true }, 0xaf00ffff],
    [{ path: 0, position: 0, isProbe: true }, 0xc0000000],
  ] as const)('of %o is %i, as docs/architecture.md says', ([context, mark]) => {
    expect(encodeMark(context)).toBe(mark);
  });

  test('means again what it was made of', () => {
    const contexts = fc.record({
      path: fc.integer({ min: 0, max: 0xffff }),
      position: fc.integer({ min: 0, max: 15 }),
      isReply: fc.boolean(),
      isProbe: fc.boolean(),
    });
    fc.assert(
      fc.property(contexts, (context) => {
        expect(decodeMark(encodeMark(context))).toEqual(context);
      }),
    );
  });
});

describe('a hardware address', () => {
  test('of a frame to an instance carries flags, path and instance', () => {
    expect(hex(encodeMacTo({ path: 12, position: 3, isReply: true, instance: 263 }))).toBe('0a43000c0107');
    expect(hex(encodeMacTo({ path: 12, position: 0, bounces: 2, instance: 7 }))).toBe('0a20000c0007');
    expect(hex(encodeMacTo({ path: 0, position: 0, isProbe: true, instance: 7 }))).toBe('0a8000000007');
  });

  test('of a frame from an instance differs in its first byte alone', () => {
    expect(hex(encodeMacFrom({ path: 12, position: 3, isReply: true, instance: 263 }))).toBe('0e43000c0107');
  });

  test('of an instance itself names it and no path', () => {
    expect(formatMac(instanceMac(263))).toBe('0e:00:00:00:01:07');
    expect(instanceOfMac(macBytes(instanceMac(263)))).toBe(263);
  });
});
