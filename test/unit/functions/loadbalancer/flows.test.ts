// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { flowsOf } from '../../../../functions/loadbalancer/flows.ts';

test('the flows of a frontend are those that began there, outside, and at its backends', () => {
  const filters = flowsOf({
    family: 6,
    address: 'fd20::9',
    protocol: 'udp',
    port: 53,
    targetPort: 5353,
  });
  expect(filters.map((each) => each.join(' '))).toEqual([
    '-f ipv6 -p udp --orig-dst fd20::9 --orig-port-dst 53 --reply-port-src 5353',
    '-f ipv6 -p udp --mark 0x1 --reply-dst fd20::9 --orig-port-dst 53 --reply-port-src 5353',
    '-f ipv6 -p udp --reply-dst fd20::9 --orig-port-src 5353 --reply-port-dst 53',
  ]);
});
