// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { GatewayConfig } from '../../../../api/vpn-gateway.ts';
import { formatReplacement } from '../../../../functions/shared/nft/ruleset.ts';
import { parseFacts } from '../../../../functions/vpn/facts.ts';
import { TABLE } from '../../../../functions/vpn/names.ts';
import { mtuComplaint, renderGateway } from '../../../../functions/vpn/render.ts';
import { formatRule, planTable } from '../../../../functions/vpn/routing.ts';
import { renderRuleset } from '../../../../functions/vpn/ruleset.ts';
import { key } from '../../operator/vpn-world.ts';

const LINKS = [
  { ifname: 'lo', mtu: 65536, addr_info: [{ local: '127.0.0.1', scope: 'host' }] },
  { ifname: 'eth0', mtu: 1450, addr_info: [{ local: '10.244.1.5', scope: 'global' }] },
  {
    ifname: 'net1',
    mtu: 1450,
    addr_info: [
      { local: '10.20.0.2', scope: 'global' },
      { local: 'fd20::2', scope: 'global' },
      { local: 'fe80::1', scope: 'link' },
    ],
  },
  { ifname: 'wg0', mtu: 1360, addr_info: [{ local: '10.99.0.1', scope: 'global' }] },
];
const ROUTES = {
  4: [
    { dst: 'default', gateway: '169.254.1.1', dev: 'eth0' },
    { dst: '169.254.1.1', dev: 'eth0', scope: 'link' },
    { dst: '10.20.0.0/16', dev: 'net1', scope: 'link', prefsrc: '10.20.0.2' },
  ],
  6: [{ dst: 'fe80::/64', dev: 'eth0', metric: 256 }],
} as const;

const facts = parseFacts(LINKS, ROUTES);
const config: GatewayConfig = {
  generation: 1,
  active: 'branch-1',
  listenPort: 51820,
  mtu: 1360,
  addresses: ['10.99.0.1', 'fd99::1'],
  pool: ['10.99.0.0/24', 'fd99::/64'],
  routes: ['10.20.0.0/16', 'fd20::/64', '192.168.7.0/24', '192.168.7.128/25'],
  peerToPeer: false,
  peers: [
    { name: 'office', publicKey: key(1), allowedIPs: ['10.99.0.5/32', '192.168.7.0/24'] },
    { name: 'laptop', publicKey: key(2), allowedIPs: ['fd99::6/128'], endpoint: '203.0.113.9:4000' },
  ],
};
const render = (pod: string) => renderGateway({ config, privateKey: key(7), facts, pod });

describe('a gateway’s namespace', () => {
  test('has ways of the pod’s own that know nothing of the tenants’, those on the link first', () => {
    expect(facts.own.routes[4]).toEqual([
      '169.254.1.1 dev eth0 scope link',
      'default via 169.254.1.1 dev eth0 onlink',
    ]);
    expect(facts.own.routes[6]).toEqual(['fe80::/64 dev eth0 metric 256']);
    expect(facts.tenant?.addresses).toEqual(['10.20.0.2', 'fd20::2']);
  });

  test('has ways of tenants that know nothing of the pod’s; a site’s network is behind its peer, pushed or not', () => {
    expect(render('branch-1').routes[4]).toEqual([
      'local 10.20.0.2 dev net1',
      '10.20.0.0/16 dev net1',
      'local 10.99.0.1 dev wg0',
      '10.99.0.0/24 dev wg0',
      '10.99.0.5/32 dev wg0',
      '192.168.7.0/24 dev wg0',
      'unreachable default',
    ]);
    expect(render('branch-1').routes[6]).toContain('fd99::6/128 dev wg0');
  });

  test('of one that stands by has no way into the tunnel', () => {
    const standby = render('branch-2');
    expect(standby.role).toBe('Standby');
    expect(standby.routes[4].some((route) => route.includes('wg0'))).toBe(false);
    expect(standby.peers).toEqual(render('branch-1').peers);
  });

  test('knows where connected peers were last heard from', () => {
    expect(render('branch-2').endpoints).toEqual(new Map([[key(2), '203.0.113.9:4000']]));
  });

  test('says when the pod’s network does not carry the tunnel whole', () => {
    expect(mtuComplaint(1390, facts)).toBe(undefined);
    expect(mtuComplaint(1391, facts)).toContain('lower mtu to 1390');
    const dual = parseFacts(LINKS, { ...ROUTES, 6: [{ dst: 'default', gateway: 'fe80::1', dev: 'eth0' }] });
    expect(mtuComplaint(1390, dual)).toContain('lower mtu to 1370');
  });
});

describe('tables and rules', () => {
  test('get what is missing and lose what is stray; what is there stays untouched', () => {
    const present = [
      { type: 'local', dst: '10.99.0.1', dev: 'wg0' },
      { dst: '10.99.0.5', dev: 'wg0' },
      { dst: '10.98.0.0/24', dev: 'wg0', metric: 1024 },
      { type: 'unreachable', dst: 'default', dev: 'lo', metric: 1024 },
    ];
    const wanted = [
      'local 10.99.0.1 dev wg0',
      '10.99.0.5/32 dev wg0',
      '10.97.0.0/24 dev wg0',
      'unreachable default',
    ];
    expect(planTable(present, wanted, 200)).toEqual([
      'route replace 10.97.0.0/24 dev wg0 table 200',
      'route del 10.98.0.0/24 dev wg0 metric 1024 table 200',
    ]);
    expect(planTable([], ['unreachable default'], 200)).toEqual([
      'route replace unreachable default table 200',
    ]);
  });

  test('are known again as ip shows them', () => {
    expect(formatRule({ priority: 0, fwmark: '0x80000000', table: '200' })).toBe(
      'pref 0 fwmark 0x80000000/0x80000000 lookup 200',
    );
    expect(formatRule({ priority: 1, table: 'local' })).toBe('pref 1 lookup local');
    expect(formatRule({ priority: 3, action: 'unreachable' })).toBe('pref 3 unreachable');
  });
});

test('the rules of a gateway, to be read', async () => {
  const ruleset = renderRuleset({ routes: config.routes, peerToPeer: false });
  await expect(formatReplacement(ruleset, TABLE)).toMatchFileSnapshot('golden/ruleset.nft');
  const open = renderRuleset({ routes: config.routes, peerToPeer: true });
  expect(formatReplacement(open, TABLE)).toContain('iifname "wg0" oifname "wg0" accept');
});
