// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import {
  compileEndpointSlices,
  compileVpnService,
  endpointOfService,
  type ServiceFacts,
} from '../../../../../operator/compile/vpn/service.ts';
import { vpn } from '../../vpn-world.ts';

const node = vpn({ expose: { type: 'NodePort', nodePort: 31820, externalTrafficPolicy: 'Local' } });
const balanced = vpn({
  expose: {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Cluster',
    annotations: { 'example.com/kind': 'fast' },
  },
});

describe('the Service in front of a VPN', () => {
  test('is there when it is asked for, and selects nobody by itself', () => {
    expect(compileVpnService(vpn())).toBe(undefined);
    expect(compileEndpointSlices(vpn(), undefined)).toEqual([]);
    expect(compileVpnService(node)).toMatchObject({
      metadata: { name: 'heddle-vpn-branch', namespace: 'shop' },
      spec: {
        type: 'NodePort',
        externalTrafficPolicy: 'Local',
        ports: [{ protocol: 'UDP', port: 51820, targetPort: 51820, nodePort: 31820 }],
      },
    });
    expect(compileVpnService(node)?.spec).not.toHaveProperty('selector');
    expect(compileVpnService(balanced)?.metadata.annotations).toEqual({ 'example.com/kind': 'fast' });
  });

  test('leads to the active gateway only, by each IP version that its pod has', () => {
    const slices = compileEndpointSlices(node, { podIPs: ['10.244.1.5', 'fd00::5'], node: 'worker' });
    expect(slices.map(({ addressType, endpoints }) => [addressType, endpoints])).toEqual([
      ['IPv4', [{ addresses: ['10.244.1.5'], nodeName: 'worker', conditions: { ready: true } }]],
      ['IPv6', [{ addresses: ['fd00::5'], nodeName: 'worker', conditions: { ready: true } }]],
    ]);
    expect(slices[0]?.metadata.labels['kubernetes.io/service-name']).toBe('heddle-vpn-branch');
    expect(compileEndpointSlices(node, undefined).flatMap(({ endpoints }) => endpoints)).toEqual([]);
  });

  test('gives the endpoint of clients’ files, once the cluster has said where it is', () => {
    const facts: ServiceFacts = {
      ingress: [],
      nodePort: undefined,
      nodeAddresses: ['203.0.113.4', '203.0.113.5'],
    };
    expect(endpointOfService(node, facts)).toBe(undefined);
    expect(endpointOfService(node, { ...facts, nodePort: 31820 })).toBe('203.0.113.4:31820');
    expect(endpointOfService(balanced, facts)).toBe(undefined);
    expect(endpointOfService(balanced, { ...facts, ingress: ['lb.example.com'] })).toBe(
      'lb.example.com:51820',
    );
    expect(endpointOfService(balanced, { ...facts, ingress: ['2001:db8::7'] })).toBe('[2001:db8::7]:51820');
    expect(endpointOfService(vpn(), facts)).toBe(undefined);
  });
});
