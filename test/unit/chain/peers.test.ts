import { expect, test } from 'vitest';
import { type NamedBalancer, resolvePeers } from '../../../operator/compile/chain/peers.ts';

const balancers: Readonly<Record<string, NamedBalancer>> = {
  web: { network: 'shop', addresses: ['10.20.0.9', 'fd20::9'] },
  other: { network: 'elsewhere', addresses: ['10.30.0.9'] },
  fresh: { network: 'shop', addresses: [] },
};

function resolve(...names: readonly string[]) {
  const from = [{ podSelector: {} }];
  const to = names.map((loadBalancer) => ({ loadBalancer }));
  return resolvePeers({ from, to, network: 'shop', balancer: (name) => balancers[name] });
}

test('a load balancer is its addresses', () => {
  expect(resolve('web')).toEqual({
    from: [{ podSelector: {} }],
    to: [{ cidr: '10.20.0.9/32' }, { cidr: 'fd20::9/128' }],
    virtual: ['10.20.0.9', 'fd20::9'],
    problems: [],
  });
});

test('one that cannot be used is nobody, and the field is named', () => {
  const { to, virtual, problems } = resolve('missing', 'other', 'fresh');
  expect({ to, virtual }).toEqual({ to: [], virtual: [] });
  expect(problems.map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'to[0].loadBalancer: there is no LoadBalancer missing in this namespace; create it or correct the name',
    'to[1].loadBalancer: LoadBalancer other is on network elsewhere, the chain on shop; name one of this network',
    'to[2].loadBalancer: LoadBalancer fresh has no address yet; its condition Accepted says why',
  ]);
});

test('an end that is everything stays so', () => {
  const all = resolvePeers({ from: undefined, to: undefined, network: 'shop', balancer: () => undefined });
  expect(all).toEqual({ from: undefined, to: undefined, virtual: [], problems: [] });
});
