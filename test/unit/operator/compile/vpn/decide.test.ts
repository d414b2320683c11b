// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { compileGateway, gatewayPrefixes } from '../../../../../operator/compile/vpn/gateway.ts';
import { publicKeyOf } from '../../../../../operator/compile/vpn/keys.ts';
import type { DecidedVpn } from '../../../../../operator/compile/vpn/types.ts';
import { decide, input, key, NOW, peer, report, vpn } from '../../vpn-world.ts';

function stateOf(decided: DecidedVpn, name: string) {
  return decided.peers.find(({ peer: each }) => each.metadata.name === name)?.state;
}

describe('what is decided about a VPN', () => {
  test('a pool that overlaps a subnet, or what another has, lets nobody in', () => {
    const overlapping = decide([input(peer('a'))], { subnets: ['10.98.0.0/15'] });
    expect(overlapping.problem).toEqual({
      reason: 'PoolOverlapsSubnet',
      field: 'spec.pool',
      message:
        '10.99.0.0/24 overlaps subnet 10.98.0.0/15 of network shop; choose a range outside its subnets',
    });
    expect(compileGateway(overlapping, 'x').peers).toEqual([]);
    expect(gatewayPrefixes(overlapping)).toEqual([]);
    const claimed = decide([], { claims: [{ holder: 'VPN other', cidrs: ['10.99.0.128/25'] }] });
    expect(claimed.problem?.message).toContain('10.99.0.0/24 overlaps 10.99.0.128/25 of VPN other');
  });

  test('of two peers with one public key the older is in, whatever their names', () => {
    const decided = decide([
      input(peer('a', { publicKey: key(5) }, { age: 1 })),
      input(peer('z', { publicKey: key(5) }, { age: 0 })),
    ]);
    expect(stateOf(decided, 'z')).toEqual({ kind: 'InForce' });
    expect(stateOf(decided, 'a')).toEqual({
      kind: 'Refused',
      problem: {
        reason: 'DuplicatePublicKey',
        field: 'spec.publicKey',
        message: 'it is the key of peer z too; every peer needs one of its own',
      },
    });
  });

  test('the gateway’s own key is nobody’s', () => {
    const decided = decide([input(peer('a', { publicKey: publicKeyOf(key(0x60)) }))]);
    expect(stateOf(decided, 'a')).toMatchObject({
      kind: 'Refused',
      problem: { message: expect.stringContaining('VPN branch') },
    });
  });

  test.each([
    ['10.20.7.0/24', 'network shop'],
    ['10.99.0.0/28', 'VPN branch (its pool)'],
    ['192.168.7.128/25', 'peer first'],
    ['172.16.0.0/12', 'Port nat-net1'],
  ])('a site’s %s that overlaps what %s has is refused', (cidr, holder) => {
    const decided = decide(
      [
        input(peer('first', { allowedIPs: ['192.168.7.0/24'] }, { age: 0 })),
        input(peer('second', { allowedIPs: [cidr] }, { age: 1 })),
      ],
      { claims: [{ holder: 'Port nat-net1', cidrs: ['172.16.0.0/16'] }] },
    );
    expect(stateOf(decided, 'first')).toEqual({ kind: 'InForce' });
    expect(stateOf(decided, 'second')).toMatchObject({
      problem: { reason: 'AllowedIPsOverlap', message: expect.stringContaining(`of ${holder}`) },
    });
    expect(gatewayPrefixes(decided)).toEqual(['10.99.0.0/24', '192.168.7.0/24']);
  });

  test('one that is refused claims nothing: the next may have what it wanted', () => {
    const decided = decide([
      input(peer('a', { publicKey: key(5) }, { age: 0 })),
      input(peer('b', { publicKey: key(5), allowedIPs: ['192.168.7.0/24'] }, { age: 1 })),
      input(peer('c', { allowedIPs: ['192.168.7.0/24'] }, { age: 2 })),
    ]);
    expect(['a', 'b', 'c'].map((name) => stateOf(decided, name)?.kind)).toEqual([
      'InForce',
      'Refused',
      'InForce',
    ]);
  });

  test('peers that are disabled or expired keep their addresses and their claims, and are not let in', () => {
    const decided = decide([
      input(peer('off', { disabled: true, allowedIPs: ['192.168.7.0/24'] }, { addresses: ['10.99.0.5'] })),
      input(peer('over', { expiresAt: '2026-11-28T12:00:00Z' }, { age: 1 })),
      input(peer('next', { addresses: ['10.99.0.5'] }, { age: 2 })),
    ]);
    expect(stateOf(decided, 'off')).toEqual({ kind: 'Disabled' });
    expect(stateOf(decided, 'over')).toEqual({ kind: 'Expired', at: '2026-11-28T12:00:00Z' });
    expect(stateOf(decided, 'next')).toMatchObject({ problem: { reason: 'AddressInUse' } });
    expect(compileGateway(decided, 'x').peers).toEqual([]);
    expect(gatewayPrefixes(decided)).toEqual(['10.99.0.0/24']);
  });

  test('the next expiry is the first of those that are in force', () => {
    const at = (minutes: number): string => new Date(NOW.getTime() + minutes * 60_000).toISOString();
    const decided = decide([
      input(peer('a', { expiresAt: at(30) })),
      input(peer('b', { expiresAt: at(20) })),
      input(peer('c', { expiresAt: at(10), disabled: true })),
      input(peer('d', { expiresAt: at(-10) })),
      input(peer('e')),
    ]);
    expect(decided.nextExpiry?.toISOString()).toBe(at(20));
    expect(decide([input(peer('e'))]).nextExpiry).toBe(undefined);
  });

  test('the endpoint of the spec goes before that of the Service', () => {
    expect(decide([]).endpoint).toBe('vpn.example.com:51820');
    expect(decide([], { vpn: vpn({ endpoint: '203.0.113.7:4500' }) }).endpoint).toBe('203.0.113.7:4500');
  });

  test('gateways are told where connected peers were last heard from, and of no others', () => {
    const decided = decide([
      input(peer('here'), { report: report('here') }),
      input(peer('away', {}, { age: 1 }), { report: report('away', { connected: false }) }),
    ]);
    const { peers } = compileGateway(decided, 'branch-1');
    expect(peers.map(({ name, endpoint }) => [name, endpoint])).toEqual([
      ['here', '203.0.113.9:40000'],
      ['away', undefined],
    ]);
  });
});
