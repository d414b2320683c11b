// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatMac, macBytes, macOfBytes, parseMac, sameMac } from '../../../../api/net/mac.ts';

test('a hardware address is the same after it is written as text or bytes and read again', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 48 - 1), (value) => {
      const mac = { value };
      expect(parseMac(formatMac(mac))).toEqual(mac);
      expect(macOfBytes(macBytes(mac))).toEqual(mac);
      expect(formatMac(mac)).toBe(
        Buffer.from(macBytes(mac))
          .toString('hex')
          .replace(/(..)(?=.)/g, '$1:'),
      );
      expect(sameMac(mac, { value })).toBe(true);
    }),
  );
});

test('hardware addresses are equal when all of their bytes are', () => {
  expect(sameMac(parseMac('06:00:00:00:00:01'), parseMac('06:00:00:00:00:02'))).toBe(false);
});

test.for([0, 5, 7])('%d bytes are no hardware address', (length) => {
  expect(() => macOfBytes(new Uint8Array(length))).toThrow(`no hardware address has ${length} bytes`);
});

test('either case is read, lower case is written', () => {
  expect(formatMac(parseMac('06:AB:cd:EF:00:01'))).toBe('06:ab:cd:ef:00:01');
});

test.for(['', '06:12:34:56:78', '06-12-34-56-78-9a', '6:12:34:56:78:9a', '06:12:34:56:78:9g'])(
  '%j is no hardware address',
  (text) => {
    expect(() => parseMac(text)).toThrow(`${JSON.stringify(text)} is not a hardware address such as`);
  },
);
