// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressBytes, addressOfBytes } from '../../../../api/net/bytes.ts';
import { address } from './arbitrary.ts';

test('an address is the same after it is written as bytes, in network order, and read again', () => {
  fc.assert(
    fc.property(address, (given) => {
      const bytes = addressBytes(given);
      expect(bytes).toHaveLength(given.family === 4 ? 4 : 16);
      expect(BigInt(`0x${Buffer.from(bytes).toString('hex')}`)).toBe(given.value);
      expect(addressOfBytes(bytes)).toEqual(given);
    }),
  );
});

test('bytes are read, whatever was written before', () => {
  addressBytes({ family: 6, value: 1n });
  expect(addressOfBytes(Uint8Array.of(10, 0, 0, 1))).toEqual({ family: 4, value: 0x0a00_0001n });
});

test('bytes are a copy: the next address does not change them', () => {
  const first = addressBytes({ family: 6, value: 1n });
  addressBytes({ family: 6, value: 2n });
  expect(first.at(-1)).toBe(1);
});

test.for([0, 3, 5, 17])('%d bytes are no address', (length) => {
  expect(() => addressOfBytes(new Uint8Array(length))).toThrow(`no address has ${length} bytes`);
});
