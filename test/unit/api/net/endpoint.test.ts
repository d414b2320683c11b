// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress } from '../../../../api/net/address.ts';
import { formatEndpoint, formatHost } from '../../../../api/net/endpoint.ts';
import { address } from './arbitrary.ts';

test('a URL has the address and the port that were put together', () => {
  fc.assert(
    fc.property(address, fc.integer({ min: 1, max: 65535 }), (given, port) => {
      const url = new URL(`ws://${formatEndpoint(formatAddress(given), port)}/`);
      expect(url.hostname).toBe(formatHost(formatAddress(given)));
      expect(Number(url.port || 80)).toBe(port);
    }),
  );
});

test('a name stays as it is', () => {
  expect(formatEndpoint('vpn.example.com', 51820)).toBe('vpn.example.com:51820');
});
