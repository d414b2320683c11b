// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  servicesBeside,
  servicesOfBalancer,
  servicesOfNamespace,
  servicesOfNetwork,
  servicesOfNode,
  servicesOfPod,
  servicesOfPort,
  servicesOfRange,
} from '../../../../../operator/controllers/names/triggers.ts';
import { addPod, makeBalancer, makeNamesStores, namedService } from '../../names-world.ts';
import { makeNetwork } from '../../world.ts';

const service = (name: string, annotations: Record<string, string>, namespace = 'shop') =>
  namedService({ metadata: { name, namespace, uid: name }, annotations });

function world() {
  const stores = makeNamesStores([makeNetwork('other')]);
  const net = { 'heddle.dev/network': 'net' };
  for (const each of [
    service('web', { ...net, 'heddle.dev/pods': 'app=web' }),
    service('all', { ...net, 'heddle.dev/pods': 'app' }),
    service('db', { ...net, 'heddle.dev/pods': 'app=db' }),
    service('lb', { ...net, 'heddle.dev/load-balancer': 'lb' }),
    service('wrong', { ...net, 'heddle.dev/pods': 'app in' }),
    service('elsewhere', { 'heddle.dev/network': 'other', 'heddle.dev/pods': 'app=web' }),
    service('guest', { 'heddle.dev/network': 'shop/net', 'heddle.dev/pods': 'app=web' }, 'guests'),
  ]) {
    stores.namedServices.set(each);
  }
  return stores;
}

test('a change of a pod concerns only the Services that select it, by its labels before or after', () => {
  const stores = world();
  const { pod } = addPod(stores, 'a', ['10.20.0.1']);
  const with_ = (more: object, status: object = {}) => ({
    ...pod,
    metadata: { ...pod.metadata, ...more },
    status: { ...pod.status, ...status },
  });
  expect(servicesOfPod(stores, pod, with_({}, { ready: false })).toSorted()).toEqual([
    'shop/all',
    'shop/web',
  ]);
  expect(servicesOfPod(stores, pod, with_({ labels: { app: 'db' } })).toSorted()).toEqual([
    'shop/all',
    'shop/db',
    'shop/web',
  ]);
  expect(servicesOfPod(stores, pod, undefined).toSorted()).toEqual(['shop/all', 'shop/web']);
  expect(servicesOfPod(stores, pod, with_({ resourceVersion: '9' }, { podIPs: ['10.244.0.9'] }))).toEqual([]);
});

test('a change of a Port concerns the Services that select its pod', () => {
  const stores = world();
  const { port } = addPod(stores, 'a', ['10.20.0.1']);
  expect(servicesOfPort(stores, undefined, port).toSorted()).toEqual(['shop/all', 'shop/web']);
  expect(servicesOfPort(stores, port, { ...port, spec: { ...port.spec, mtu: 1400 } })).toEqual([]);
  stores.pods.delete('shop/a');
  expect(servicesOfPort(stores, port, undefined)).toEqual([]);
});

test('another zone of a node concerns the Services with pods there, and other changes of it none', () => {
  const stores = world();
  addPod(stores, 'a', ['10.20.0.1']);
  const node = stores.nodes.get('worker-1')!;
  const moved = { ...node, metadata: { ...node.metadata, labels: { 'topology.kubernetes.io/zone': 'b' } } };
  expect(servicesOfNode(stores, node, moved).toSorted()).toEqual(['shop/all', 'shop/web']);
  expect(servicesOfNode(stores, node, { ...node, status: { ...node.status, ready: false } })).toEqual([]);
});

test('a network concerns its Services when it comes, goes, or admits others, and not when it counts', () => {
  const stores = world();
  const network = stores.virtualNetworks.get('shop/net')!;
  const all = ['guests/guest', 'shop/all', 'shop/db', 'shop/lb', 'shop/web'];
  const onNet = [...all, 'shop/wrong'].filter((key) => key !== 'shop/wrong');
  expect(servicesOfNetwork(stores, undefined, network).toSorted()).toEqual(onNet);
  const counted = { ...network, status: { ...network.status, ports: 7 } };
  expect(servicesOfNetwork(stores, network, counted)).toEqual([]);
  const open = { ...network, spec: { ...network.spec, attach: { namespaces: 'All' as const } } };
  expect(servicesOfNetwork(stores, network, open).toSorted()).toEqual(onNet);
});

test('a load balancer concerns the Services that name it when its addresses change', () => {
  const stores = world();
  const before = makeBalancer('net', []);
  expect(servicesOfBalancer(stores, before, makeBalancer('net', ['10.20.0.100']))).toEqual(['shop/lb']);
  expect(servicesOfBalancer(stores, before, makeBalancer('net', []))).toEqual([]);
});

test('other labels of a namespace concern its Services', () => {
  const stores = world();
  const namespace = (labels: Record<string, string>) => ({
    apiVersion: 'v1' as const,
    kind: 'Namespace' as const,
    metadata: { name: 'guests', uid: 'guests', labels },
  });
  expect(servicesOfNamespace(stores, namespace({}), namespace({ team: 'x' }))).toEqual(['guests/guest']);
  expect(servicesOfNamespace(stores, namespace({}), namespace({}))).toEqual([]);
});

test('a range of the cluster concerns the Services of networks that overlap the cluster', () => {
  const stores = world();
  const node = stores.nodes.get('worker-1')!;
  const grown = { ...node, status: { ...node.status, internalIPs: ['10.20.0.1'] } };
  expect(servicesOfRange(stores, node, grown)).toEqual([]);
  const network = stores.virtualNetworks.get('shop/other')!;
  const routes = [{ cidr: '10.20.0.0/24', clusterRanges: 'Allowed' as const }];
  stores.virtualNetworks.set({ ...network, status: { ...network.status, routes } });
  expect(servicesOfRange(stores, node, grown)).toEqual(['shop/elsewhere']);
  expect(servicesOfRange(stores, node, { ...node, status: { ...node.status, ready: false } })).toEqual([]);
});

test('a Service that goes concerns the others of a namespace that is at its limit', () => {
  const stores = world();
  const gone = service('gone', { 'heddle.dev/network': 'net', 'heddle.dev/pods': 'app' });
  expect(servicesBeside(stores, gone, undefined, 7)).toEqual([]);
  expect(servicesBeside(stores, gone, gone, 2)).toEqual([]);
  expect(servicesBeside(stores, gone, undefined, 6)).toHaveLength(6);
});
