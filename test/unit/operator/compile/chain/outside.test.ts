// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { ServiceChainSpec } from '../../../../../api/index.ts';
import { formatRange } from '../../../../../api/net/range.ts';
import {
  type ExposedBalancer,
  outsideWays,
  wayThrough,
} from '../../../../../operator/compile/chain/outside.ts';

const web: ExposedBalancer = {
  name: 'web',
  network: 'shop',
  isExposed: true,
  addresses: ['10.20.0.100', 'fd20::100'],
};
const other = { ...web, name: 'other', addresses: ['10.20.0.101'] };
const balancers = new Map([web, other, { ...web, name: 'inner', isExposed: false }].map((b) => [b.name, b]));
const lb = (name = 'web') => ({ kind: 'LoadBalancer', name, onFailure: 'Closed' }) as const;
const fw = (name = 'edge') => ({ kind: 'Firewall', name, onFailure: 'Closed' }) as const;

function ways(spec: Partial<ServiceChainSpec>) {
  const chain = {
    metadata: { namespace: 'n', name: 'c' },
    spec: { network: 'shop', priority: 1000, establishedFlows: 'Through', functions: [lb()], ...spec },
  };
  return outsideWays(chain as never, (name) => balancers.get(name)).map(({ from, ...way }) => ({
    ...way,
    from: from?.map(formatRange),
  }));
}

describe('a chain takes clients outside', () => {
  test('directly where its load balancer comes first, else by a path of their own', () => {
    const common = { balancer: 'web', addresses: web.addresses, from: undefined };
    expect(ways({})).toEqual([{ ...common, position: 0, kind: 'Direct' }]);
    expect(ways({ functions: [lb(), fw()] })).toEqual([{ ...common, position: 0, kind: 'Direct' }]);
    expect(ways({ functions: [fw(), lb(), fw('core')] })).toEqual([
      { ...common, position: 1, kind: 'Through' },
    ]);
  });

  test('only at addresses of the load balancer that it leads to', () => {
    const at = (to: ServiceChainSpec['to']) => ways({ to }).map(({ addresses }) => addresses);
    expect(at([{ loadBalancer: 'web' }])).toEqual([web.addresses]);
    expect(at([{ cidr: '10.20.0.0/24' }])).toEqual([['10.20.0.100']]);
    expect(at([{ cidr: '10.20.0.0/24', except: ['10.20.0.96/27'] }])).toEqual([]);
    expect(at([{ podSelector: {} }])).toEqual([]);
    expect(at([{ loadBalancer: 'other' }])).toEqual([]);
  });

  test('of addresses in its `from`: pods and VPNs are not outside', () => {
    const of = (from: ServiceChainSpec['from']) => ways({ from }).map((way) => way.from);
    expect(of([{ podSelector: {} }, { vpn: 'home' }])).toEqual([]);
    expect(of([{ podSelector: {} }, { cidr: '192.0.2.0/24', except: ['192.0.2.128/25'] }])).toEqual([
      ['192.0.2.0/25'],
    ]);
  });

  test('not of a load balancer without `expose`, of another network, or that is not there', () => {
    expect(ways({ functions: [lb('inner')] })).toEqual([]);
    expect(ways({ functions: [lb('missing')] })).toEqual([]);
    expect(ways({ network: 'mall' })).toEqual([]);
  });

  test('of one load balancer behind other functions, with room for one more hop; else they are refused', () => {
    const kinds = (functions: ServiceChainSpec['functions']) => ways({ functions }).map(({ kind }) => kind);
    expect(kinds([fw(), lb(), lb('other')])).toEqual(['Through', 'Refused']);
    const many = (count: number) => Array.from({ length: count }, (_, i) => fw(`f${i}`));
    expect(kinds([...many(14), lb()])).toEqual(['Through']);
    expect(kinds([...many(15), lb()])).toEqual(['Refused']);
    const chain = { metadata: {}, spec: { network: 'shop', functions: [fw(), lb(), lb('other')] } };
    expect(wayThrough(outsideWays(chain as never, (name) => balancers.get(name)))?.balancer).toBe('web');
  });
});
