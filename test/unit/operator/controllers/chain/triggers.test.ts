// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { ChainSlice, NodeReport, Port } from '../../../../../api/index.ts';
import type { Node } from '../../../../../kube/slim.ts';
import { sliceNameOf } from '../../../../../operator/compile/chain/names.ts';
import { observeEnds } from '../../../../../operator/controllers/chain/ends.ts';
import {
  chainsOfNode,
  chainsOfReport,
  chainsOfSlices,
} from '../../../../../operator/controllers/chain/health.ts';
import {
  chainsOfFunction,
  chainsOfPod,
  chainsOfPort,
} from '../../../../../operator/controllers/chain/triggers.ts';
import { readWorld } from '../../read-world.ts';

const world = () => readWorld(new URL('../../compile/golden/two-firewalls.input.yaml', import.meta.url));

const report = (slices: Record<string, number>, drops = 0): NodeReport => ({
  apiVersion: 'internal.heddle.dev/v1alpha1',
  kind: 'NodeReport',
  metadata: { namespace: 'heddle-system', name: 'worker-1' },
  status: { slices, drops: { policy: drops } },
});

describe('a chain gets a pass', () => {
  test('for a report that has another generation of one of its slices, and for no heartbeat', () => {
    const stores = world();
    const before = report({ 'shop/storefront-0': 3, 'shop/storefront-1': 1, 'other/a-0': 1 });
    const heartbeat = report({ 'shop/storefront-0': 3, 'shop/storefront-1': 1, 'other/a-0': 1 }, 99);
    expect(chainsOfSlices(stores, before, heartbeat)).toEqual([]);
    const after = report({ 'shop/storefront-0': 3, 'shop/storefront-1': 2, 'other/a-0': 1 });
    expect(chainsOfSlices(stores, before, after)).toEqual(['shop/storefront']);
    expect(chainsOfSlices(stores, before, undefined)).toEqual(['shop/storefront', 'other/a']);
    expect(
      chainsOfSlices(stores, before, report({ ...before.status!.slices, 'shop/a-b-0-outside': 1 })),
    ).toEqual(['shop/a-b']);
    // Of a chain whose name is too long for the names of its slices.
    const chain = 'a'.repeat(253);
    const long = sliceNameOf(chain, 0);
    const network = { namespace: 'shop', name: 'shop' };
    const spec = { chain, slice: 0, network } as ChainSlice['spec'];
    stores.chainSlices.set({
      kind: 'ChainSlice',
      metadata: { namespace: 'shop', name: long },
      spec,
    } as ChainSlice);
    expect(chainsOfSlices(stores, undefined, report({ [`shop/${long}`]: 1 }))).toEqual([`shop/${chain}`]);
  });

  test('for an instance of its own that a report lists as down, or no longer, and for no other', () => {
    const stores = world();
    const status = (down: readonly number[]): NodeReport => ({ ...report({}), status: { down } });
    const at = (node: string, each: NodeReport) => ({ ...each, metadata: { ...each.metadata, name: node } });
    const [{ spec }] = [stores.ports.get('shop/edge-1-chain0')!];
    const [id, node] = [spec.instance!, spec.node];
    expect(chainsOfReport(stores, at(node, status([])), at(node, status([id])))).toEqual(['shop/storefront']);
    expect(chainsOfReport(stores, at(node, status([id, 999])), at(node, status([999])))).toEqual([
      'shop/storefront',
    ]);
    expect(chainsOfReport(stores, at(node, status([id])), at(node, status([id])))).toEqual([]);
    expect(chainsOfReport(stores, at('elsewhere', status([])), at('elsewhere', status([id])))).toEqual([]);
  });

  test('for its node that another cannot reach, and when the word of a node begins or ends to count', () => {
    const stores = world();
    const { node } = stores.ports.get('shop/edge-1-chain0')!.spec;
    const accusing = { ...report({}), status: { unreachable: [node] } };
    expect(chainsOfReport(stores, report({}), accusing)).toEqual(['shop/storefront']);
    expect(chainsOfReport(stores, report({}), { ...accusing, status: { unreachable: ['none'] } })).toEqual(
      [],
    );
    expect(chainsOfNode(stores, nodeThat(true), nodeThat(false))).toEqual([]);
    stores.nodeReports.set(accusing);
    expect(chainsOfNode(stores, nodeThat(true), nodeThat(false))).toEqual(['shop/storefront']);
    expect(chainsOfNode(stores, nodeThat(true), nodeThat(true))).toEqual([]);
  });

  test('for an instance that is down, as quickly beside 10,000 other chains and instances as alone', () => {
    const stores = world();
    const own = stores.ports.get('shop/edge-1-chain0')!;
    const chain = stores.serviceChains.get('shop/storefront')!;
    for (let i = 0; i < 10_000; i += 1) {
      const fn = { kind: 'Firewall', name: `fw-${i}` } as const;
      stores.ports.set({
        ...own,
        metadata: { ...own.metadata, name: `fw-${i}`, uid: `u-${i}` },
        spec: { ...own.spec, function: fn, instance: 1000 + i },
      });
      stores.serviceChains.set({
        ...chain,
        metadata: { ...chain.metadata, name: `chain-${i}`, uid: `c-${i}` },
        spec: { ...chain.spec, functions: [{ ...fn, onFailure: 'Closed' }] },
      });
    }
    const before = { ...report({}), metadata: { ...report({}).metadata, name: own.spec.node } };
    const after = { ...before, status: { down: [own.spec.instance!] } };
    const began = performance.now();
    for (let i = 0; i < 1000; i += 1) {
      expect(chainsOfReport(stores, before, after)).toEqual(['shop/storefront']);
    }
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test('for another weight of an instance', () => {
    const stores = world();
    const pod = stores.pods.get('shop/edge-1')!;
    const weighted = { ...pod, metadata: { ...pod.metadata, annotations: { 'heddle.dev/weight': '0' } } };
    expect(chainsOfPod(stores, pod, weighted)).toEqual(['shop/storefront']);
  });

  test('for listeners and backends of its load balancer that changed, and for nothing else of it', () => {
    const stores = readWorld(new URL('../../compile/golden/own-balancer.input.yaml', import.meta.url));
    const balancer = stores.loadBalancers.get('shop/web')!;
    const [http] = balancer.spec.listeners;
    const edited = (change: Partial<typeof balancer.spec>) => ({
      ...balancer,
      spec: { ...balancer.spec, ...change },
    });
    expect(
      chainsOfFunction(stores, balancer, edited({ listeners: [{ ...http!, targetPort: 9090 }] })),
    ).toEqual(['shop/web.lb']);
    const backends = { addresses: [{ address: '10.20.0.31', weight: 100 }] };
    expect(chainsOfFunction(stores, balancer, edited({ backends }))).toEqual(['shop/web.lb']);
    expect(chainsOfFunction(stores, balancer, edited({ drainSeconds: 7 }))).toEqual([]);
    // Nodes do not translate while former addresses drain.
    const draining = [{ address: '10.20.0.90', since: '2026-01-01T00:00:00.000Z' }];
    const moved = { ...balancer, status: { ...balancer.status, draining } };
    expect(chainsOfFunction(stores, balancer, moved)).toEqual(['shop/web.lb']);
    const ends = observeEnds(
      { ...stores, loadBalancers: new Map([['shop/web', moved]]) } as unknown as typeof stores,
      stores.serviceChains.get('shop/web.lb')!,
    );
    expect(ends.virtual).toContain('10.20.0.90');
  });

  test('for the Port of an instance that becomes ready, not for that of a tenant', () => {
    const stores = world();
    const instance = stores.ports.get('shop/edge-1-chain0')!;
    expect(chainsOfPort(stores, withoutReady(instance), instance)).toEqual(['shop/storefront']);
    const tenant = stores.ports.get('shop/web-net1')!;
    expect(chainsOfPort(stores, withoutReady(tenant), tenant)).toEqual([]);
  });

  test('for a label that a pod had or has, not for a pod that never fitted', () => {
    const stores = readWorld(new URL('../../compile/golden/labels.input.yaml', import.meta.url));
    const client = stores.pods.get('shop/client')!;
    const relabelled = { ...client, metadata: { ...client.metadata, labels: { role: 'none' } } };
    expect(chainsOfPod(stores, client, relabelled)).toEqual(['shop/clients']);
    const other = { ...client, metadata: { ...client.metadata, labels: { role: 'neither' } } };
    expect(chainsOfPod(stores, relabelled, other)).toEqual([]);
  });
});

function nodeThat(ready: boolean): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'worker-1', uid: 'uid', labels: {} },
    status: { internalIPs: [], ready },
  };
}

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
