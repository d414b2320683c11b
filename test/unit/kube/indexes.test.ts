// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Firewall, NodeReport, Port, ServiceChain } from '../../../api/index.ts';
import { chainIndexes, firewallIndexes, portIndexes, reportIndexes } from '../../../kube/indexes.ts';

const apiVersion = 'heddle.dev/v1alpha1' as const;

function port(spec: Partial<Port['spec']>): Port {
  return {
    apiVersion,
    kind: 'Port',
    metadata: { namespace: 'shop', name: 'web-net1' },
    spec: { pod: { name: 'web', uid: 'u1' }, node: 'worker-1', interface: 'net1', ...spec },
  };
}

test('a Port of a network is found by each of its addresses within the network id', () => {
  const found = port({
    network: { namespace: 'shop', name: 'lan' },
    vni: 7,
    addresses: ['10.0.0.1', 'fd00::1'],
    mac: '06:00:00:00:00:0A',
  });
  expect(portIndexes.address(found)).toEqual(['7|10.0.0.1', '7|fd00::1']);
  expect(portIndexes.mac(found)).toEqual(['7|06:00:00:00:00:0a']);
  expect(portIndexes.network(found)).toEqual(['shop/lan']);
  expect(portIndexes.instance(found)).toEqual([]);
  expect(portIndexes.function(found)).toEqual([]);
  expect(portIndexes.host(found)).toEqual([]);
});

test('a Port of a function is found by function, instance and its node, and by no address', () => {
  const found = port({ function: { kind: 'Firewall', name: 'edge' }, instance: 12, interface: 'chain0' });
  expect(portIndexes.function(found)).toEqual(['shop/firewall.edge']);
  expect(portIndexes.instance(found)).toEqual(['12']);
  expect(portIndexes.host(found)).toEqual(['worker-1']);
  expect(portIndexes.address(found)).toEqual([]);
  expect(portIndexes.network(found)).toEqual([]);
});

test('a firewall is found by every ConfigMap that its sets name', () => {
  const firewall = {
    apiVersion,
    kind: 'Firewall',
    metadata: { namespace: 'shop', name: 'edge' },
    spec: {
      sets: [
        { name: 'a', cidrs: ['10.0.0.0/8'] },
        { name: 'b', configMapRef: { name: 'block' } },
      ],
    },
  } as unknown as Firewall;
  expect(firewallIndexes.configMap(firewall)).toEqual(['shop/block']);
});

test('a chain is found by its network, by each function in it, and by its path id once it has one', () => {
  const chain = {
    apiVersion,
    kind: 'ServiceChain',
    metadata: { namespace: 'shop', name: 'front' },
    spec: {
      network: 'lan',
      functions: [
        { kind: 'Firewall', name: 'edge' },
        { kind: 'Firewall', name: 'core' },
      ],
    },
    status: { pathId: 3 },
  } as unknown as ServiceChain;
  expect(chainIndexes.network(chain)).toEqual(['shop/lan']);
  expect(chainIndexes.function(chain)).toEqual(['shop/firewall.edge', 'shop/firewall.core']);
  expect(chainIndexes.pathId(chain)).toEqual(['3']);
});

test('a chain is found among those that look at labels of namespaces when one of its peers does', () => {
  const chain = (from: ServiceChain['spec']['from']) =>
    ({ apiVersion, kind: 'ServiceChain', metadata: {}, spec: { from } }) as unknown as ServiceChain;
  expect(chainIndexes.selects(chain([{ podSelector: {} }]))).toEqual([]);
  expect(chainIndexes.selects(chain(undefined))).toEqual([]);
  expect(chainIndexes.selects(chain([{ podSelector: {} }, { namespaceSelector: {} }]))).toEqual([
    'namespaces',
  ]);
});

test('a report is found by every node that it cannot reach', () => {
  const report = (status: NodeReport['status']): NodeReport => ({
    apiVersion: 'internal.heddle.dev/v1alpha1',
    kind: 'NodeReport',
    metadata: { namespace: 'heddle-system', name: 'worker-1' },
    status,
  });
  expect(reportIndexes.unreachable(report({ unreachable: ['worker-2', 'worker-3'] }))).toEqual([
    'worker-2',
    'worker-3',
  ]);
  expect(reportIndexes.unreachable(report(undefined))).toEqual([]);
});
