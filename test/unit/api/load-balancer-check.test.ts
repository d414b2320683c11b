// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { LoadBalancerSpec } from '../../../api/index.ts';
import { checkLoadBalancer, checkPortOf, checkTimeoutOf } from '../../../api/load-balancer-check.ts';

const web: LoadBalancerSpec = {
  replicas: 1,
  drainSeconds: 30,
  network: 'shop',
  addresses: ['10.20.0.9', 'fd20::9'],
  listeners: [
    { name: 'dns', protocol: 'UDP', port: 53 },
    { name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 },
  ],
  backends: { addresses: [{ address: '10.20.0.5', weight: 100 }] },
  algorithm: 'Maglev',
  affinity: 'None',
};

test('a spec that can be carried out has no fault', () => {
  expect(checkLoadBalancer(web)).toEqual([]);
});

test.each([
  ['an address that programs read in two ways', { addresses: ['010.20.0.9'] }, 'spec.addresses[0]'],
  ['IPv4 written as IPv6', { addresses: ['::ffff:10.0.0.1'] }, 'spec.addresses[0]'],
  ['two addresses of one family', { addresses: ['10.20.0.9', '10.20.0.10'] }, 'spec.addresses'],
  [
    'a backend that is no host',
    { backends: { addresses: [{ address: '224.0.0.1', weight: 1 }] } },
    'spec.backends.addresses[0].address',
  ],
  [
    'a backend on its own loopback',
    { backends: { addresses: [{ address: '127.0.0.1', weight: 1 }] } },
    'spec.backends.addresses[0].address',
  ],
  [
    'a link-local backend',
    { backends: { addresses: [{ address: 'fe80::1', weight: 1 }] } },
    'spec.backends.addresses[0].address',
  ],
] as const)('%s is a fault of its field', (_what, change, field) => {
  expect(checkLoadBalancer({ ...web, ...change } as LoadBalancerSpec).map((fault) => fault.field)).toEqual([
    field,
  ]);
});

test('two listeners may be served at one port', () => {
  const listeners = [...web.listeners, { name: 'more', protocol: 'TCP', port: 8080 } as const];
  expect(checkLoadBalancer({ ...web, listeners })).toEqual([]);
});

test('health checks ask their own port, else that of the first TCP listener', () => {
  const check = { intervalMs: 1000, healthyAfter: 2, unhealthyAfter: 3 };
  expect(checkPortOf({ ...web, healthCheck: { ...check, tcp: {} } })).toBe(8080);
  expect(checkPortOf({ ...web, healthCheck: { ...check, tcp: { port: 9090 } } })).toBe(9090);
  expect([checkTimeoutOf({ intervalMs: 1000 }), checkTimeoutOf({ intervalMs: 100 })]).toEqual([200, 100]);
});
