// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { LoadBalancerSpec } from '../../../../../api/index.ts';
import { compileFunctionService } from '../../../../../operator/compile/function/service.ts';

const owner = { kind: 'LoadBalancer', namespace: 'shop', name: 'web', uid: 'u' } as const;
const listeners = [
  { name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 },
  { name: 'dns', protocol: 'UDP', port: 53 },
] as unknown as LoadBalancerSpec['listeners'];
const serviceOf = (expose: Partial<NonNullable<LoadBalancerSpec['expose']>>) =>
  compileFunctionService(owner, {
    expose: { type: 'NodePort', externalTrafficPolicy: 'Cluster', ...expose },
    listeners,
  });

describe('the Service in front of a load balancer', () => {
  test('leads to all of its instances, by the port that its listeners have', () => {
    expect(serviceOf({}).spec).toEqual({
      type: 'NodePort',
      externalTrafficPolicy: 'Cluster',
      ipFamilyPolicy: 'PreferDualStack',
      selector: { 'heddle.dev/function': 'loadbalancer.web' },
      ports: [
        { name: 'http', protocol: 'TCP', port: 80, targetPort: 80 },
        { name: 'dns', protocol: 'UDP', port: 53, targetPort: 53 },
      ],
    });
  });

  test('has the node ports of the listeners that ask for one', () => {
    const { spec } = serviceOf({ nodePorts: [{ listener: 'dns', port: 30053 }] });
    expect(spec.ports).toMatchObject([{ name: 'http' }, { name: 'dns', nodePort: 30053 }]);
    expect((spec.ports as object[])[0]).not.toHaveProperty('nodePort');
  });

  test('has the type, the policy and the annotations that are asked for', () => {
    const { spec, metadata } = serviceOf({
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      annotations: { 'example.com/kind': 'fast' },
    });
    expect(spec).toMatchObject({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
    expect(metadata.annotations).toEqual({ 'example.com/kind': 'fast' });
    expect(metadata.name).toBe('heddle-loadbalancer-web');
  });
});
