// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { compileNames, type NamesPlan } from '../../../../../operator/compile/names/compile.ts';
import { observeNames } from '../../../../../operator/controllers/names/snapshot.ts';
import type { NamedService } from '../../../../../operator/observe/named-services.ts';
import type { WritableStores } from '../../../../../operator/observe/observation.ts';
import { addPod, makeBalancer, makeNamesStores, namedService } from '../../names-world.ts';
import { makeNetwork } from '../../world.ts';

function plan(stores: WritableStores, service: NamedService = namedService()): NamesPlan {
  return compileNames(observeNames(stores, service, { namedRanges: [], most: 2 }));
}

const addressesIn = (stores: WritableStores, service?: NamedService) =>
  plan(stores, service).slices.flatMap(({ endpoints }) => endpoints.flatMap(({ addresses }) => addresses));

test('the slices of a Service: one for each IP version, with everything that Kubernetes writes', () => {
  const stores = makeNamesStores();
  addPod(stores, 'web-1', ['10.20.0.7', 'fd20::7'], { spec: { hostname: 'one', subdomain: 'web' } });
  addPod(stores, 'web-2', ['10.20.0.5'], {
    ready: false,
    spec: { hostname: 'two', subdomain: 'other', nodeName: 'worker-2' },
  });
  const labels = {
    'app.kubernetes.io/name': 'heddle',
    'app.kubernetes.io/component': 'names',
    'app.kubernetes.io/managed-by': 'heddle-operator',
    'endpointslice.kubernetes.io/managed-by': 'heddle-operator',
    'kubernetes.io/service-name': 'web',
    'service.kubernetes.io/headless': '',
  };
  const owner = { apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'uid-service-web', controller: true };
  const common = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
  };
  const one = {
    conditions: { ready: true, serving: true, terminating: false },
    hostname: 'one',
    nodeName: 'worker-1',
    zone: 'a',
    targetRef: { kind: 'Pod', namespace: 'shop', name: 'web-1', uid: 'uid-of-web-1' },
  };
  expect(plan(stores)).toEqual({
    slices: [
      {
        ...common,
        metadata: { name: 'heddle-service-web-ipv4-0', namespace: 'shop', labels, ownerReferences: [owner] },
        addressType: 'IPv4',
        endpoints: [
          {
            addresses: ['10.20.0.5'],
            conditions: { ready: false, serving: false, terminating: false },
            nodeName: 'worker-2',
            targetRef: { kind: 'Pod', namespace: 'shop', name: 'web-2', uid: 'uid-of-web-2' },
          },
          { addresses: ['10.20.0.7'], ...one },
        ],
      },
      {
        ...common,
        metadata: { name: 'heddle-service-web-ipv6-0', namespace: 'shop', labels, ownerReferences: [owner] },
        addressType: 'IPv6',
        endpoints: [{ addresses: ['fd20::7'], ...one }],
      },
    ],
  });
});

test('a Service of one IP version names addresses of it only', () => {
  const stores = makeNamesStores();
  addPod(stores, 'web-1', ['10.20.0.7', 'fd20::7']);
  expect(addressesIn(stores, namedService({ spec: { ipFamilies: ['IPv6'] } }))).toEqual(['fd20::7']);
});

test('pods that are not ready are not ready, and for publishNotReadyAddresses they are', () => {
  const stores = makeNamesStores();
  addPod(stores, 'a', ['10.20.0.1'], { ready: false });
  addPod(stores, 'b', ['10.20.0.2'], { metadata: { deletionTimestamp: '2026-12-01T00:00:00Z' } });
  addPod(stores, 'c', ['10.20.0.3'], { attached: false });
  const conditionsOf = (service?: NamedService) =>
    plan(stores, service).slices[0]!.endpoints.map(({ conditions }) => conditions);
  expect(conditionsOf()).toEqual([
    { ready: false, serving: false, terminating: false },
    { ready: false, serving: true, terminating: true },
    { ready: false, serving: false, terminating: false },
  ]);
  const all = namedService({ spec: { publishNotReadyAddresses: true } });
  expect(conditionsOf(all).map(({ ready }) => ready)).toEqual([true, true, true]);
});

test('only pods that are on the network, in the namespace of the Service, are named', () => {
  const stores = makeNamesStores([makeNetwork('other')]);
  addPod(stores, 'good', ['10.20.0.1']);
  addPod(stores, 'unselected', ['10.20.0.2'], { labels: { app: 'db' } });
  addPod(stores, 'guest', ['10.20.0.3'], { namespace: 'guests' });
  addPod(stores, 'unaccepted', ['10.20.0.4'], { accepted: false });
  addPod(stores, 'ended', ['10.20.0.5'], { phase: 'Succeeded' });
  addPod(stores, 'host', ['10.20.0.6'], { spec: { hostNetwork: true } });
  addPod(stores, 'elsewhere', ['10.20.0.8'], { network: { namespace: 'shop', name: 'other' } });
  const { pod } = addPod(stores, 'again', ['10.20.0.9']);
  stores.pods.set({ ...pod, metadata: { ...pod.metadata, uid: 'another' } });
  const { pod: portless, port } = addPod(stores, 'portless', ['10.20.0.10']);
  stores.ports.delete(`shop/${port.metadata.name}`);
  expect(portless.status.ready).toBe(true);
  expect(addressesIn(stores)).toEqual(['10.20.0.1']);
});

describe('an address that is not the network’s own is never written (security.md: names-aim-traffic)', () => {
  test('not one outside its subnets, nor one that means the machine that reads it', () => {
    const wide = [
      { cidr: '10.20.0.0/16' },
      { cidr: '169.254.0.0/16' },
      { cidr: '127.0.0.0/8' },
      { cidr: 'fe80::/10' },
    ];
    const stores = makeNamesStores([makeNetwork('wide', { spec: { subnets: wide } })]);
    const network = { namespace: 'shop', name: 'wide' };
    addPod(stores, 'a', ['10.20.0.1', '10.21.0.1', '169.254.169.254'], { network });
    addPod(stores, 'b', ['127.0.0.1', 'fe80::1', 'not an address', '8.8.8.8'], { network });
    const annotations = { 'heddle.dev/network': 'wide', 'heddle.dev/pods': 'app=web' };
    expect(addressesIn(stores, namedService({ annotations }))).toEqual(['10.20.0.1']);
  });

  test('not one that is a node’s too, and an Event says so', () => {
    const subnets = [{ cidr: '172.18.0.0/24' }];
    const stores = makeNamesStores([
      makeNetwork('over', { spec: { subnets, routes: { clusterRanges: 'Allow' } } }),
    ]);
    const network = { namespace: 'shop', name: 'over' };
    addPod(stores, 'a', ['172.18.0.3'], { network });
    addPod(stores, 'b', ['172.18.0.9'], { network });
    const annotations = { 'heddle.dev/network': 'over', 'heddle.dev/pods': 'app=web' };
    const service = namedService({ annotations });
    expect(addressesIn(stores, service)).toEqual(['172.18.0.9']);
    expect(plan(stores, service).remark).toEqual({
      type: 'Warning',
      reason: 'ClusterAddress',
      message:
        '172.18.0.3 (nodes: 172.18.0.3/32) of network shop/over: addresses of the cluster too, so they are left out',
    });
  });
});

describe('a load balancer', () => {
  const annotations = { 'heddle.dev/network': 'net', 'heddle.dev/load-balancer': 'lb' };
  const service = namedService({ annotations });

  test('is named by its addresses', () => {
    const stores = makeNamesStores();
    stores.loadBalancers.set(makeBalancer('net', ['10.20.0.100', 'fd20::100']));
    const { slices } = plan(stores, service);
    expect(slices.flatMap(({ endpoints }) => endpoints)).toEqual(
      ['10.20.0.100', 'fd20::100'].map((address) => ({
        addresses: [address],
        conditions: { ready: true, serving: true, terminating: false },
        targetRef: {
          apiVersion: 'heddle.dev/v1alpha1',
          kind: 'LoadBalancer',
          namespace: 'shop',
          name: 'lb',
          uid: 'uid-lb',
        },
      })),
    );
  });

  test('that is not there or on another network has no names', () => {
    const stores = makeNamesStores();
    expect(plan(stores, service)).toMatchObject({
      slices: [],
      remark: {
        reason: 'LoadBalancerNotFound',
        message: expect.stringMatching(/^annotation heddle.dev\/load-balancer: there is no LoadBalancer lb/),
      },
    });
    stores.loadBalancers.set(makeBalancer('other', ['10.20.0.100']));
    expect(plan(stores, service)).toMatchObject({
      slices: [],
      remark: { message: expect.stringMatching(/LoadBalancer lb is on network shop\/other/) },
    });
  });
});

describe('a network', () => {
  const annotations = { 'heddle.dev/network': 'tenants/blue', 'heddle.dev/pods': 'app=web' };
  const service = namedService({ annotations });
  const network = { namespace: 'tenants', name: 'blue' };
  const blue = (attach: object) =>
    makeNetwork('blue', {
      metadata: { namespace: 'tenants' },
      spec: { subnets: [{ cidr: '10.20.0.0/16' }], attach: attach as never },
    });

  test('of another namespace is used as its owner lets pods join', () => {
    const stores = makeNamesStores([blue({ namespaces: 'All' })]);
    addPod(stores, 'a', ['10.20.0.1'], { network });
    expect(addressesIn(stores, service)).toEqual(['10.20.0.1']);
    stores.virtualNetworks.set(blue({ namespaces: 'Same' }));
    expect(plan(stores, service)).toMatchObject({
      slices: [],
      remark: {
        reason: 'NamespaceNotAllowed',
        message: expect.stringMatching(
          /^annotation heddle.dev\/network: VirtualNetwork tenants\/blue does not let/,
        ),
      },
    });
  });

  test('that does not exist has no names', () => {
    expect(plan(makeNamesStores(), service)).toMatchObject({
      slices: [],
      remark: { reason: 'NetworkNotFound', message: expect.stringMatching(/tenants\/blue does not exist/) },
    });
  });
});

test('a Service with wrong words has no names', () => {
  const stores = makeNamesStores();
  addPod(stores, 'a', ['10.20.0.1']);
  expect(plan(stores, namedService({ spec: { clusterIP: '10.96.0.7' } }))).toMatchObject({
    slices: [],
    remark: { type: 'Warning', reason: 'InvalidSpec' },
  });
});

test('a Service beyond the limit of its namespace has no names, unless it had them; the older ones count first', () => {
  const stores = makeNamesStores();
  addPod(stores, 'a', ['10.20.0.1']);
  const made = (name: string, creationTimestamp: string) =>
    namedService({ metadata: { name, uid: name, creationTimestamp } });
  const [first, last] = [made('z', '2026-12-01T00:00:00Z'), made('a', '2026-12-01T00:00:02Z')];
  for (const each of [last, first, made('m', '2026-12-01T00:00:01Z')]) stores.namedServices.set(each);
  expect(addressesIn(stores, first)).toEqual(['10.20.0.1']);
  expect(plan(stores, last)).toMatchObject({
    slices: [],
    remark: {
      reason: 'LimitExceeded',
      message: expect.stringMatching(
        /^namespace shop has 3 Services with names on networks, and 2 may have them/,
      ),
    },
  });
  const [slice] = plan(stores, { ...last, metadata: { ...last.metadata, creationTimestamp: '2026' } }).slices;
  stores.endpointSlices.set(slice!);
  expect(addressesIn(stores, last)).toEqual(['10.20.0.1']);
});
