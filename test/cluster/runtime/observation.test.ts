// SPDX-License-Identifier: Apache-2.0
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Port, ServiceChain, VirtualNetwork } from '../../../api/index.ts';
import { addressValue, functionValue, networkValue } from '../../../kube/index-values.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { type Resource, resources } from '../../../kube/resource.ts';
import { createObservation, type Observation } from '../../../operator/observe/observation.ts';
import type { Stores } from '../../../operator/observe/stores.ts';
import { configMap, eventually, log, openWorld, type World } from './world.ts';

let world: World;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  world = await openWorld('heddle-observe');
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => world.close());

async function observe(): Promise<Observation> {
  const observation = createObservation({ transport: world.transport, log });
  const stop = new AbortController();
  const running = observation.run(stop.signal);
  stops.push(async () => {
    stop.abort();
    await running;
  });
  expect(observation.missing()).toContain('pods');
  await observation.synced;
  expect(observation.missing()).toEqual([]);
  return observation;
}

function make(resource: Resource, name: string, rest: object, metadata: object = {}): Promise<KubeObject> {
  return world.writer.create(resource, {
    metadata: { namespace: world.namespace, name, ...metadata },
    ...rest,
  });
}

/** A pod that nobody schedules. The service account that every pod needs is there a moment after its namespace. */
async function makePod(name: string, metadata: object = {}): Promise<KubeObject> {
  const container = { name: 'fw', image: 'fw', env: [{ name: 'A', value: 'B' }] };
  const spec = { schedulerName: 'nobody', containers: [container], automountServiceAccountToken: false };
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await make(resources.pods, name, { spec }, metadata);
    } catch (error) {
      if (attempt > 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The id that an operator gave the network, or one of ours where none runs. */
async function vniOf(stores: Stores, key: string): Promise<number> {
  await eventually('the network', () => stores.virtualNetworks.has(key));
  const given = () => stores.virtualNetworks.get(key)?.status?.vni;
  const isGiven = await eventually('vni', () => given() !== undefined, 10_000).then(
    () => true,
    () => false,
  );
  if (!isGiven) {
    const network = stores.virtualNetworks.get(key)!;
    await world.writer.applyStatusIfChanged<VirtualNetwork>(resources.virtualNetworks, network, {
      vni: 4097,
    });
    await eventually('our vni', () => given() !== undefined);
  }
  expect(stores.virtualNetworks.keysByIndex('vni', String(given()))).toContain(key);
  return given()!;
}

test('the whole cluster is known: nodes with their addresses, namespaces with their labels', async () => {
  const { stores } = await observe();
  const nodes = [...stores.nodes.values()].filter(({ status }) => status.ready);
  expect(nodes.length).toBeGreaterThan(0);
  for (const node of nodes) expect(node.status.internalIPs.length).toBeGreaterThan(0);
  const labels = stores.namespaces.get(world.namespace)?.metadata.labels;
  expect(labels?.['kubernetes.io/metadata.name']).toBe(world.namespace);
});

test('networks, Ports and chains are found by all that refers to them, as soon as they change', async () => {
  const { stores } = await observe();
  const { namespace } = world;
  const network = { namespace, name: 'shop' };
  await make(resources.virtualNetworks, 'shop', { spec: { subnets: [{ cidr: '10.20.0.0/16' }] } });
  const vni = await vniOf(stores, `${namespace}/shop`);
  // The operator of the cluster, if there is one, deletes Ports of pods, nodes and networks that are not there.
  const pod = await makePod('web');
  const [node = ''] = stores.nodes.keys();
  const { uid = '' } = pod.metadata ?? {};
  await make(resources.ports, 'web-net1', {
    spec: {
      network,
      vni,
      pod: { name: 'web', uid },
      node,
      interface: 'net1',
      addresses: ['10.20.0.5'],
      mac: '06:00:00:00:00:05',
    },
  } satisfies Pick<Port, 'spec'>);
  await make(resources.serviceChains, 'storefront', {
    spec: { network: 'shop', functions: [{ kind: 'Firewall', name: 'edge' }] },
  });
  await eventually('chain', () => stores.serviceChains.get(`${namespace}/storefront`) !== undefined);
  await eventually('port', () => stores.ports.countByIndex('network', networkValue(network)) === 1);
  expect(stores.ports.keysByIndex('address', addressValue(vni, '10.20.0.5'))).toContain(
    `${namespace}/web-net1`,
  );
  expect(stores.ports.keysByIndex('pod', uid)).toHaveLength(1);
  const edge = functionValue(namespace, { kind: 'Firewall', name: 'edge' });
  const chains: readonly ServiceChain[] = stores.serviceChains.byIndex('function', edge);
  expect(chains.map(({ metadata }) => metadata.name)).toEqual(['storefront']);
  expect(stores.serviceChains.keysByIndex('network', networkValue(network))).toEqual([
    `${namespace}/storefront`,
  ]);

  await world.writer.delete({ resource: resources.ports, namespace, name: 'web-net1' });
  await eventually('no port', () => stores.ports.countByIndex('network', networkValue(network)) === 0);
});

test('pods of a function are found by its label, cut down to what is read', async () => {
  const { stores } = await observe();
  const { namespace } = world;
  const labels = { 'heddle.dev/function': 'firewall.edge' };
  await makePod('edge-1', { labels, annotations: { 'example.com/long': 'x' } });
  const edge = functionValue(namespace, { kind: 'Firewall', name: 'edge' });
  await eventually('the pod', () => stores.pods.countByIndex('function', edge) === 1);
  const [pod] = stores.pods.byIndex('function', edge);
  expect(pod).toMatchObject({
    spec: { nodeName: undefined, hostNetwork: false },
    status: { phase: 'Pending' },
  });
  expect(pod?.spec).not.toHaveProperty('containers');
  expect(pod?.metadata.annotations).toEqual({});
  expect(stores.pods.keysByIndex('uid', pod!.metadata.uid)).toEqual([`${namespace}/edge-1`]);
});

test('of ConfigMaps ours are known whole, of users ones only that they changed', async () => {
  const { stores } = await observe();
  const { namespace } = world;
  const ours = { 'app.kubernetes.io/name': 'heddle' };
  await world.writer.apply(resources.configMaps, configMap(namespace, 'ours', 'x', ours));
  await world.writer.apply(resources.configMaps, configMap(namespace, 'theirs', 'x'));
  await eventually('both', () =>
    ['ours', 'theirs'].every((name) => stores.configMapVersions.has(`${namespace}/${name}`)),
  );
  expect(stores.configMaps.get(`${namespace}/ours`)?.data).toEqual({ value: 'x' });
  expect(stores.configMaps.has(`${namespace}/theirs`)).toBe(false);
  const before = stores.configMapVersions.get(`${namespace}/theirs`)?.metadata.resourceVersion;
  await world.writer.apply(resources.configMaps, configMap(namespace, 'theirs', 'y'));
  await eventually(
    'a new version',
    () => stores.configMapVersions.get(`${namespace}/theirs`)?.metadata.resourceVersion !== before,
  );
});
