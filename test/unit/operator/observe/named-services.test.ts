// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  isNamedService,
  namedServiceIndexes,
  slimNamedService,
} from '../../../../operator/observe/named-services.ts';

const wire = (annotations: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'u1',
    resourceVersion: '5',
    creationTimestamp: '2026-12-01T00:00:00Z',
    labels: { app: 'web' },
    annotations: { ...annotations, 'kubectl.kubernetes.io/last-applied-configuration': 'long' },
  },
  spec: { clusterIP: 'None', clusterIPs: ['None'], type: 'ClusterIP', sessionAffinity: 'None' },
  status: { loadBalancer: {} },
});

test('of a Service that asks for names only what Heddle reads is kept', () => {
  const annotations = { 'heddle.dev/network': 'tenants/net', 'heddle.dev/load-balancer': 'lb' };
  const service = slimNamedService(wire(annotations));
  expect(service).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'u1',
      resourceVersion: '5',
      creationTimestamp: '2026-12-01T00:00:00Z',
      annotations,
    },
    spec: { type: 'ClusterIP', clusterIP: 'None' },
  });
  expect(isNamedService(service)).toBe(true);
  expect(namedServiceIndexes.network(service)).toEqual(['tenants/net']);
  expect(namedServiceIndexes.balancer(service)).toEqual(['shop/loadbalancer.lb']);
  expect(namedServiceIndexes.namespace(service)).toEqual(['shop']);
});

test('any other Service is not kept, and has only its identity until it is dropped', () => {
  const service = slimNamedService(wire({ 'example.com/x': 'y' }));
  expect(isNamedService(service)).toBe(false);
  expect(service.spec).toEqual({});
  expect(service.metadata.annotations).toEqual({});
});
