// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { ChainEndpoint } from '../../../../../api/index.ts';
import { type Member, resolveEnd } from '../../../../../operator/compile/chain/classifier.ts';
import { resolveEnds } from '../../../../../operator/compile/chain/ends.ts';

const NOTHING = { any: false, cidrs: [], addresses: [] };

const pod = (index: number, more: Partial<Member> = {}): Member => ({
  port: `shop/pod-${index}`,
  node: 'worker-1',
  addresses: [`10.20.0.${index}`],
  prefixes: [],
  namespace: 'shop',
  podLabels: { app: 'web' },
  namespaceLabels: { team: 'shop' },
  ...more,
});
const members = [
  pod(1),
  pod(2, { podLabels: { app: 'db' } }),
  pod(3, { namespace: 'bank', namespaceLabels: { team: 'bank' } }),
  pod(4, { podLabels: { app: 'gateway' }, prefixes: ['10.99.0.0/24'] }),
];
const resolve = (endpoints: readonly ChainEndpoint[] | undefined) =>
  resolveEnd({ endpoints, members, namespace: 'shop' });

describe('an end of a chain', () => {
  test('that is left out is everything', () => {
    expect(resolve(undefined)).toEqual({ any: true, cidrs: [], addresses: [] });
  });

  test('whose names resolve to nothing is nothing, never everything', () => {
    expect(resolve([])).toEqual(NOTHING);
    expect(resolve([{ podSelector: { matchLabels: { app: 'gone' } } }])).toEqual(NOTHING);
  });

  test.each([
    ['from', { vpn: 'gone' }],
    ['to', { vpn: 'gone' }],
    ['to', { loadBalancer: 'gone' }],
    ['to', { loadBalancer: 'addressless' }],
    ['from', { vpn: 'refused' }],
  ] as const)('%s, with the name %o, takes nothing', (side, endpoint) => {
    const ends = resolveEnds({
      from: undefined,
      to: undefined,
      [side]: [endpoint],
      network: 'net',
      balancer: (name) =>
        name === 'addressless' ? { network: 'net', addresses: [], cause: undefined } : undefined,
      vpn: (name) =>
        name === 'refused'
          ? { network: 'net', isAccepted: false, cidrs: ['10.99.0.0/24'], cause: undefined }
          : undefined,
    });
    expect(resolve(ends[side])).toEqual(NOTHING);
    expect(resolve(ends[side === 'from' ? 'to' : 'from']).any).toBe(true);
    expect(ends.problems).toHaveLength(1);
  });

  test('has the pods that a selector matches, of the chain’s namespace unless another is selected', () => {
    expect(resolve([{ podSelector: { matchLabels: { app: 'web' } } }]).addresses).toEqual(['10.20.0.1']);
    expect(
      resolve([{ podSelector: {}, namespaceSelector: { matchLabels: { team: 'bank' } } }]).addresses,
    ).toEqual(['10.20.0.3']);
    expect(resolve([{ namespaceSelector: {} }]).addresses).toHaveLength(4);
  });

  test('has the ranges of the pods that it selects, and ranges with their exceptions', () => {
    const selected = { podSelector: { matchLabels: { app: 'gateway' } } };
    const range = { cidr: '10.20.0.0/16', except: ['10.20.9.0/24', '10.20.8.0/24'] };
    expect(resolve([selected, range])).toEqual({
      any: false,
      cidrs: [{ cidr: '10.20.0.0/16', except: ['10.20.8.0/24', '10.20.9.0/24'] }, { cidr: '10.99.0.0/24' }],
      addresses: ['10.20.0.4'],
    });
  });

  test('has addresses of the IP version of its range, though nodes hold IPv4 in mapped form', () => {
    const cidrs = ['::/0', '::/64', '::fffe:0:0/95', 'fd20::/16', '0.0.0.0/0'];
    const mapped = { except: ['0.0.0.0/0'] };
    expect(resolve(cidrs.map((cidr) => ({ cidr }))).cidrs).toEqual([
      { cidr: '0.0.0.0/0' },
      { cidr: '::/0', ...mapped },
      { cidr: '::/64', ...mapped },
      { cidr: '::fffe:0:0/95', ...mapped },
      { cidr: 'fd20::/16' },
    ]);
    const cidr = '::/0';
    expect(resolve([{ cidr, except: ['fd20::/64'] }]).cidrs).toEqual([
      { cidr, except: ['0.0.0.0/0', 'fd20::/64'] },
    ]);
    const gateway = pod(5, { podLabels: { app: 'site' }, prefixes: ['::/1'] });
    const endpoints = [{ podSelector: { matchLabels: { app: 'site' } } }];
    expect(resolveEnd({ endpoints, members: [gateway], namespace: 'shop' }).cidrs).toEqual([
      { cidr: '::/1', ...mapped },
    ]);
  });

  test('that names a range twice, once with exceptions, has both: together they are the whole range', () => {
    const cidr = '10.20.0.0/16';
    expect(resolve([{ cidr, except: ['10.20.8.0/24'] }, { cidr }]).cidrs).toEqual([
      { cidr },
      { cidr, except: ['10.20.8.0/24'] },
    ]);
  });

  test('is resolved anew for other pods, and for another namespace', () => {
    const endpoints = [{ podSelector: {} }];
    expect(resolveEnd({ endpoints, members, namespace: 'shop' }).addresses).toHaveLength(3);
    expect(resolveEnd({ endpoints, members, namespace: 'bank' }).addresses).toEqual(['10.20.0.3']);
    expect(resolveEnd({ endpoints, members: [pod(9)], namespace: 'shop' }).addresses).toEqual(['10.20.0.9']);
  });
});
