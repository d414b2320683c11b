// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { renderNetworkStatus } from '../../../api/index.ts';
import { parseAddress } from '../../../api/net/address.ts';
import { parseMac } from '../../../api/net/mac.ts';

test('the status annotation names network, interface, addresses, MAC and MTU, in canonical form', () => {
  const text = renderNetworkStatus([
    {
      network: { namespace: 'default', name: 'shop' },
      interface: 'net1',
      addresses: [parseAddress('10.20.0.5'), parseAddress('FD20:0::5')],
      mac: parseMac('06:AA:00:00:00:01'),
      mtu: 1450,
    },
  ]);
  expect(JSON.parse(text)).toEqual([
    {
      name: 'default/shop',
      interface: 'net1',
      ips: ['10.20.0.5', 'fd20::5'],
      mac: '06:aa:00:00:00:01',
      mtu: 1450,
      dns: {},
    },
  ]);
});

test('a pod without interfaces has an empty list', () => {
  expect(renderNetworkStatus([])).toBe('[]');
});
