// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { dnsOutside } from '../../../../../operator/compile/vpn/dns.ts';
import { reachOf, sharedReachOf } from '../../../../../operator/compile/vpn/wg-quick.ts';
import { decide, input, peer, vpn } from '../../vpn-world.ts';

test.for<[string, readonly string[], readonly string[]]>([
  ['a server in the routes is asked through the tunnel', ['10.20.0.53'], []],
  ['one outside of them is not', ['10.20.0.53', '10.30.0.53'], ['10.30.0.53']],
  ['one on the internet neither', ['1.1.1.1'], ['1.1.1.1']],
  ['the gateway is in the routes, and answers no questions', ['10.99.0.1'], ['10.99.0.1']],
  ['an IPv6 server, where no route is of IPv6', ['fd20::53'], ['fd20::53']],
])('%s', ([, dns, outside]) => {
  const decided = decide([], { vpn: vpn({ dns: [...dns] }) });
  expect(dnsOutside(decided, sharedReachOf(decided))).toEqual(outside);
});

test('a peer asks only servers of the IP versions that it has', () => {
  const decided = decide([input(peer('laptop', {}, { addresses: ['10.99.0.5'] }))], {
    vpn: vpn({ dns: ['10.20.0.53', 'fd20::53'], routes: ['10.20.0.0/16', 'fd20::/64'] }),
  });
  expect(dnsOutside(decided, sharedReachOf(decided))).toEqual([]);
  expect(dnsOutside(decided, reachOf(decided, decided.peers[0]!))).toEqual(['fd20::53']);
});
