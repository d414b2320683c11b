import { describe, expect, test } from 'vitest';
import type { NodeReport, Port } from '../../../operator/api/index.ts';
import { chainsOfPod, chainsOfPort, chainsOfReport } from '../../../operator/controllers/chain/triggers.ts';
import { readWorld } from './read-world.ts';

const world = () => readWorld(new URL('golden/two-firewalls.input.yaml', import.meta.url));

const report = (slices: Record<string, number>, drops = 0): NodeReport => ({
  apiVersion: 'heddle.dev/v1alpha1',
  kind: 'NodeReport',
  metadata: { namespace: 'heddle-system', name: 'worker-1' },
  status: { slices, drops: { policy: drops } },
});

describe('a chain gets a pass', () => {
  test('for a report that has another generation of one of its slices, and for no heartbeat', () => {
    const before = report({ 'shop/storefront-0': 3, 'shop/storefront-1': 1, 'other/a-0': 1 });
    const heartbeat = report({ 'shop/storefront-0': 3, 'shop/storefront-1': 1, 'other/a-0': 1 }, 99);
    expect(chainsOfReport(before, heartbeat)).toEqual([]);
    const after = report({ 'shop/storefront-0': 3, 'shop/storefront-1': 2, 'other/a-0': 1 });
    expect(chainsOfReport(before, after)).toEqual(['shop/storefront']);
    expect(chainsOfReport(before, undefined)).toEqual(['shop/storefront', 'other/a']);
  });

  test('for the Port of an instance that becomes ready, not for that of a tenant', () => {
    const stores = world();
    const instance = stores.ports.get('shop/edge-1-chain0')!;
    expect(chainsOfPort(stores, withoutReady(instance), instance)).toEqual(['shop/storefront']);
    const tenant = stores.ports.get('shop/web-net1')!;
    expect(chainsOfPort(stores, withoutReady(tenant), tenant)).toEqual([]);
  });

  test('for a label that a pod had or has, not for a pod that never fitted', () => {
    const stores = readWorld(new URL('golden/labels.input.yaml', import.meta.url));
    const client = stores.pods.get('shop/client')!;
    const relabelled = { ...client, metadata: { ...client.metadata, labels: { role: 'none' } } };
    expect(chainsOfPod(stores, client, relabelled)).toEqual(['shop/clients']);
    const other = { ...client, metadata: { ...client.metadata, labels: { role: 'neither' } } };
    expect(chainsOfPod(stores, relabelled, other)).toEqual([]);
  });
});

function withoutReady(port: Port): Port {
  const conditions = port.status?.conditions?.filter((c) => c.type !== 'Ready') ?? [];
  const unready = { ...port, status: { conditions } };
  return port.spec.function ? unready : { ...port, status: { conditions: [...conditions, readyFalse] } };
}

const readyFalse = {
  type: 'Ready',
  status: 'False',
  reason: 'Detached',
  message: '',
  lastTransitionTime: '2026-11-23T15:00:00Z',
} as const;
