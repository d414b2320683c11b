// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { ChainSlice, ServiceChain } from '../../../../../api/index.ts';
import type { GatewayConfig } from '../../../../../api/vpn-gateway.ts';
import { compileGateway, gatewayPrefixes } from '../../../../../operator/compile/vpn/gateway.ts';
import { unclassifiedSites, vpnsOfSlice } from '../../../../../operator/controllers/vpn/classified.ts';
import { createStores } from '../../../../../operator/observe/observation.ts';
import { decide, input, NOW, peer, vpn } from '../../vpn-world.ts';

const OFFICE = '192.168.7.0/24';
const office = peer('office', { allowedIPs: [OFFICE] });

function chain(more: Partial<ServiceChain['spec']> = {}, accepted: 'True' | 'False' = 'True'): ServiceChain {
  const condition = { type: 'Accepted', reason: 'x', message: '', lastTransitionTime: NOW.toISOString() };
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'ServiceChain',
    metadata: { namespace: 'shop', name: 'remote' },
    spec: { network: 'shop', from: [{ vpn: 'branch' }], functions: [], ...more },
    status: { conditions: [{ ...condition, status: accepted }] },
  } as unknown as ServiceChain;
}

/** The second slice of a chain; the first one has what is no matter here. */
function slice(cidrs: readonly string[], more: object = {}): ChainSlice {
  const from = { any: false, cidrs: cidrs.map((cidr) => ({ cidr })) };
  return {
    metadata: { namespace: 'shop', name: 'remote-1' },
    spec: { chain: 'remote', network: { namespace: 'shop', name: 'shop' }, from, to: { any: true }, ...more },
  } as unknown as ChainSlice;
}

function sitesHeld(world: {
  readonly chains?: readonly ServiceChain[];
  readonly slices?: readonly ChainSlice[];
  readonly told?: readonly string[];
}): readonly string[] {
  const stores = createStores();
  for (const each of world.chains ?? [chain()]) stores.serviceChains.set(each);
  for (const each of world.slices ?? []) stores.chainSlices.set(each);
  const told = world.told && ({ peers: [{ name: 'office', allowedIPs: world.told }] } as unknown);
  return unclassifiedSites(stores, { vpn: vpn(), peer: office, told: told as GatewayConfig | undefined });
}

describe('a network behind a peer', () => {
  test('is held back until the slices of the chains that name its VPN have it', () => {
    expect(sitesHeld({ slices: [slice(['10.99.0.0/24'])] })).toEqual([OFFICE]);
    expect(sitesHeld({ slices: [slice(['10.99.0.0/24', OFFICE])] })).toEqual([]);
    expect(sitesHeld({ slices: [slice(['192.168.0.0/16'])] })).toEqual([]);
    const other = { cidrs: [{ cidr: '192.168.0.0/16', except: [OFFICE] }], any: false };
    expect(sitesHeld({ slices: [slice([], { from: other })] })).toEqual([OFFICE]);
    expect(sitesHeld({ slices: [slice([], { from: { any: true } })] })).toEqual([]);
  });

  test('is looked for on the side that names the VPN', () => {
    const chains = [chain({ from: [{ cidr: '10.20.0.0/16' }], to: [{ vpn: 'branch' }] })];
    expect(sitesHeld({ chains, slices: [slice([OFFICE], { to: { any: false, cidrs: [] } })] })).toEqual([
      OFFICE,
    ]);
    expect(sitesHeld({ chains, slices: [slice([])] })).toEqual([]);
  });

  test('that gateways let in already stays in, whatever becomes of slices', () => {
    expect(sitesHeld({ slices: [slice([])], told: ['10.99.0.5/32', OFFICE] })).toEqual([]);
    expect(sitesHeld({ slices: [slice([])], told: ['10.99.0.5/32'] })).toEqual([OFFICE]);
  });

  test('is not held back by a chain that is not in force, or is none of the VPN’s', () => {
    const slices = [slice(['10.99.0.0/24'])];
    expect(sitesHeld({ slices: [] })).toEqual([]);
    expect(sitesHeld({ slices, chains: [] })).toEqual([]);
    expect(sitesHeld({ slices, chains: [chain({}, 'False')] })).toEqual([]);
    expect(sitesHeld({ slices, chains: [chain({ network: 'other' })] })).toEqual([]);
    expect(sitesHeld({ slices, chains: [chain({ from: [{ vpn: 'other' }] })] })).toEqual([]);
    const going = chain();
    const metadata = { ...going.metadata, deletionTimestamp: NOW.toISOString() };
    expect(sitesHeld({ slices, chains: [{ ...going, metadata }] })).toEqual([]);
  });

  test('that is held back is neither the gateways’ nor their Port’s; the peer itself gets in', () => {
    const held = decide([{ ...input(office), unclassified: [OFFICE] }]);
    expect(gatewayPrefixes(held)).toEqual(['10.99.0.0/24']);
    const [told] = compileGateway(held, 'branch-1').peers;
    expect(told?.allowedIPs).toEqual([expect.stringMatching(/^10\.99\.0\.\d+\/32$/)]);
    const free = decide([input(office)]);
    expect(gatewayPrefixes(free)).toEqual(['10.99.0.0/24', OFFICE]);
    expect(compileGateway(free, 'branch-1').peers[0]?.allowedIPs).toContain(OFFICE);
  });
});

test('a slice that has got other ranges concerns the VPNs that its chain names, and its other edits none', () => {
  const stores = createStores();
  stores.serviceChains.set(chain({ to: [{ vpn: 'branch' }, { vpn: 'second' }] }));
  expect(vpnsOfSlice(stores, undefined, slice([OFFICE]))).toEqual(['shop/branch', 'shop/second']);
  expect(vpnsOfSlice(stores, slice([]), slice([OFFICE]))).toEqual(['shop/branch', 'shop/second']);
  expect(vpnsOfSlice(stores, slice([OFFICE]), slice([OFFICE], { priority: 7 }))).toEqual([]);
});
