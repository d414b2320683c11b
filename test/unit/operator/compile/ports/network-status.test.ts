// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Port } from '../../../../../api/index.ts';
import { networkLabelOf, portNameOf } from '../../../../../operator/compile/ports/names.ts';
import { mergeNetworkStatus } from '../../../../../operator/compile/ports/network-status.ts';
import { condition, makePod, makeStores, planFor, settle } from '../../world.ts';

function portsOf(ready: boolean): readonly Port[] {
  const stores = makeStores();
  return settle(stores, planFor(stores, makePod('a', { networks: 'net, net' }))).map((port) => ({
    ...port,
    status: { conditions: [condition('Accepted', 'True'), condition('Ready', ready ? 'True' : 'False')] },
  }));
}

describe('the annotation network-status', () => {
  const foreign = {
    name: 'cluster',
    interface: 'eth0',
    ips: ['10.244.0.2'],
    default: true,
    gateway: ['10.244.0.1'],
  };

  test('is written when all Ports are Ready, not before', () => {
    expect(mergeNetworkStatus(undefined, portsOf(false))).toBeUndefined();
    expect(JSON.parse(mergeNetworkStatus(undefined, portsOf(true)) ?? '')).toMatchObject([
      { name: 'shop/net', interface: 'net1', ips: ['10.20.0.1'], mtu: 1450 },
      { name: 'shop/net', interface: 'net2', ips: ['10.20.0.2'], mtu: 1450 },
    ]);
  });

  test('keeps the entries of other CNIs whole, and is not written when it says all already', () => {
    const text = mergeNetworkStatus(JSON.stringify([foreign]), portsOf(true));
    expect(JSON.parse(text ?? '')[0]).toEqual(foreign);
    expect(mergeNetworkStatus(text, portsOf(true))).toBeUndefined();
  });

  test('takes the place of a definition that stands for the network, whose plugin is loopback', () => {
    const placeholder = { name: 'shop/net', interface: 'lo', ips: ['127.0.0.1'] };
    const other = { name: 'shop/other', interface: 'lo', ips: ['127.0.0.1'] };
    const text = mergeNetworkStatus(JSON.stringify([foreign, placeholder, other]), portsOf(true));
    expect((JSON.parse(text ?? '') as object[]).slice(0, 3)).toMatchObject([
      foreign,
      other,
      { name: 'shop/net', interface: 'net1' },
    ]);
  });

  test('replaces what nobody can read', () => {
    expect(mergeNetworkStatus('{', portsOf(true))).toContain('shop/net');
  });
});

describe('names', () => {
  test('of Ports are pod, interface and a hash of the UID, however long the pod is called', () => {
    expect(portNameOf({ name: 'web-1', uid: 'u' }, 'net1')).toMatch(/^web-1-net1-[0-9a-f]{6}$/);
    const long = portNameOf({ name: `${'a'.repeat(238)}.b${'c'.repeat(12)}`, uid: 'u' }, 'net1');
    expect(long.length).toBeLessThanOrEqual(253);
    expect(long).toMatch(/^a{238}-net1-[0-9a-f]{6}$|^a{238}\.bc*-net1-[0-9a-f]{6}$/);
  });

  test('of networks as a label are cut and hashed when they are too long', () => {
    expect(networkLabelOf({ namespace: 'shop', name: 'net' })).toBe('shop.net');
    const label = networkLabelOf({ namespace: 'n'.repeat(63), name: 'x' });
    expect(label).toMatch(/^n{54}-[0-9a-f]{8}$/);
  });
});
