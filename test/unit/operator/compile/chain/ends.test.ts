// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  type NamedBalancer,
  type NamedVpn,
  resolveEnds,
} from '../../../../../operator/compile/chain/ends.ts';

const balancers: Readonly<Record<string, NamedBalancer>> = {
  web: { network: 'shop', addresses: ['10.20.0.9', 'fd20::9'], cause: undefined },
  other: { network: 'elsewhere', addresses: ['10.30.0.9'], cause: undefined },
  fresh: { network: 'shop', addresses: [], cause: undefined },
  full: { network: 'shop', addresses: [], cause: 'ResolvedRefs' },
};

function resolve(...names: readonly string[]) {
  const from = [{ podSelector: {} }];
  const to = names.map((loadBalancer) => ({ loadBalancer }));
  return resolveEnds({
    from,
    to,
    network: 'shop',
    balancer: (name) => balancers[name],
    vpn: () => undefined,
  });
}

test('a load balancer is its addresses', () => {
  expect(resolve('web')).toEqual({
    from: [{ podSelector: {} }],
    to: [{ cidr: '10.20.0.9/32' }, { cidr: 'fd20::9/128' }],
    virtual: ['10.20.0.9', 'fd20::9'],
    problems: [],
  });
});

test('a load balancer that cannot be used matches no address, and the message names the field', () => {
  const { to, virtual, problems } = resolve('missing', 'other', 'fresh', 'full');
  expect({ to, virtual }).toEqual({ to: [], virtual: [] });
  expect(problems.map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'to[0].loadBalancer: there is no LoadBalancer missing in this namespace; create it or correct the name',
    'to[1].loadBalancer: LoadBalancer other is on network elsewhere, the chain on shop; name one of this network',
    'to[2].loadBalancer: LoadBalancer fresh has no address yet: it has no status yet',
    'to[3].loadBalancer: LoadBalancer full has no address yet; its condition ResolvedRefs says why',
  ]);
});

test('an end that is everything stays so', () => {
  const all = resolveEnds({
    from: undefined,
    to: undefined,
    network: 'shop',
    balancer: () => undefined,
    vpn: () => undefined,
  });
  expect(all).toEqual({ from: undefined, to: undefined, virtual: [], problems: [] });
});

const vpns: Readonly<Record<string, NamedVpn>> = {
  branch: {
    network: 'shop',
    isAccepted: true,
    cidrs: ['fd99::/64', '10.99.0.0/24', '10.99.0.0/24'],
    cause: undefined,
  },
  other: { network: 'elsewhere', isAccepted: true, cidrs: ['10.98.0.0/24'], cause: undefined },
  refused: { network: 'shop', isAccepted: false, cidrs: ['10.20.0.0/24'], cause: 'Accepted' },
};

function resolveVpns(...names: readonly string[]) {
  const ends = names.map((vpn) => ({ vpn }));
  const lookups = { balancer: () => undefined, vpn: (name: string) => vpns[name] };
  return resolveEnds({ from: ends, to: [{ podSelector: {} }, ...ends], network: 'shop', ...lookups });
}

test('a VPN is the ranges of its peers, at both ends', () => {
  const cidrs = [{ cidr: '10.99.0.0/24' }, { cidr: 'fd99::/64' }];
  expect(resolveVpns('branch')).toEqual({
    from: cidrs,
    to: [{ podSelector: {} }, ...cidrs],
    virtual: [],
    problems: [],
  });
});

test('a VPN that cannot be used matches no address, and the messages name both fields', () => {
  const { from, to, problems } = resolveVpns('missing', 'other', 'refused');
  expect({ from, to }).toEqual({ from: [], to: [{ podSelector: {} }] });
  expect(problems.slice(0, 4).map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'from[0].vpn: there is no VPN missing in this namespace; create it or correct the name',
    'from[1].vpn: VPN other is on network elsewhere, the chain on shop; name one of this network',
    'from[2].vpn: VPN refused lets nobody in; its condition Accepted says why',
    'to[1].vpn: there is no VPN missing in this namespace; create it or correct the name',
  ]);
});
