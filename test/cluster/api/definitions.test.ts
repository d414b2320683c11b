// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiVersion, plurals } from '../../../api/index.ts';
import { get, kubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { type Crd, readCrds } from '../../../tools/generate/crds.ts';
import { type Manifest, openApiServer, readCorpus } from './manifests.ts';

const namespace = useNamespace('definitions');
const server = openApiServer(namespace);
afterAll(() => server.release());
const crds = await readCrds();

interface Installed {
  readonly metadata: { readonly generation: number };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

beforeAll(async () => {
  const smallest = readCorpus('valid').filter(({ name }) =>
    ['network-dual-stack', 'chain-pods-to-cidr', 'firewall-of-the-design', 'port-of-network'].includes(name),
  );
  for (const { manifest } of smallest) await server.create(withoutPods(manifest));
});

/**
 * A function whose pods fit on no node. Pods would start while the namespace is deleted, and one that is told to end before
 * its program listens for that stays for its whole grace period.
 */
function withoutPods(manifest: Manifest): Manifest {
  if (manifest.kind !== 'Firewall') return manifest;
  return {
    ...manifest,
    spec: { ...(manifest.spec as object), pod: { nodeSelector: { 'heddle.dev/no-node': '' } } },
  };
}

test.for(crds)('$metadata.name is established, with nothing to complain about', async ({ metadata }) => {
  const { status } = await get<Installed & never>('crd', metadata.name);
  const conditions = Object.fromEntries(
    (status as Installed['status']).conditions.map((c) => [c.type, c.status]),
  );
  expect(conditions).toMatchObject({ Established: 'True', NamesAccepted: 'True' });
  expect(conditions.NonStructuralSchema).toBeUndefined();
});

test.for(crds)('$metadata.name on the cluster is that of this checkout', async (crd: Crd) => {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`;
  const installed = await server.transport.request<Installed>('GET', path);
  const applied = await server.transport.request<Installed>('PATCH', path, {
    query: { dryRun: 'All', fieldManager: 'heddle-test', force: true },
    body: crd,
    contentType: 'application/apply-patch+yaml',
  });
  expect(applied.metadata.generation).toBe(installed.metadata.generation);
});

test('kubectl get heddle shows networks, chains, functions and Ports with their columns', async () => {
  const text = await kubectl(['get', 'heddle'], { namespace });
  expect(text).toMatch(/^NAME +SUBNET +VNI +PORTS +READY +AGE$/m);
  expect(text).toMatch(/^virtualnetwork\.heddle\.dev\/it +10\.20\.0\.0\/16/m);
  expect(text).toMatch(/^NAME +NETWORK +PATH +READY +AGE$/m);
  expect(text).toMatch(/^servicechain\.heddle\.dev\/it +shop/m);
  expect(text).toMatch(/^NAME +DEFAULT +DESIRED +INSTANCES +READY +AGE$/m);
  expect(text).toMatch(/^firewall\.heddle\.dev\/it +Drop +2/m);
  expect(text).toMatch(/^NAME +NETWORK +ADDRESS +SECOND +POD +NODE +READY +AGE$/m);
  expect(text).toMatch(/^port\.heddle\.dev\/it +shop +10\.20\.0\.5 +fd20::5 +web-1 +worker-1/m);
});

test('kubectl get vnet -o wide shows the second subnet of a network that has two', async () => {
  const text = await kubectl(['get', 'vnet', '-o', 'wide'], { namespace });
  expect(text).toMatch(/^NAME +SUBNET +SECOND +VNI +PORTS +NODES +READY +REASON +AGE$/m);
  expect(text).toMatch(/^it +10\.20\.0\.0\/16 +fd20::\/64/m);
});

test('short names find the kinds', async () => {
  for (const name of ['vnet', 'chain', 'fw']) {
    expect(await kubectl(['get', name, 'it', '-o', 'name'], { namespace })).toMatch(/heddle\.dev\/it$/);
  }
});

test('kubectl explain describes the fields', async () => {
  const rule = await kubectl([
    'explain',
    'firewalls.spec.rules.destinationPorts',
    `--api-version=${apiVersion}`,
  ]);
  expect(rule).toContain('8000-8010');
});

test('kubectl scale scales a Firewall', async () => {
  await kubectl(['scale', 'firewall', 'it', '--replicas=5'], { namespace });
  const scaled = await kubectl(['get', 'firewall', 'it', '-o', 'jsonpath={.spec.replicas}'], { namespace });
  expect(scaled).toBe('5');
});

test('Ports are found by their node, chains by their network', async () => {
  const list = (kind: keyof typeof plurals, fieldSelector: string) =>
    server.transport.request<{ items: unknown[] }>(
      'GET',
      `/apis/${apiVersion}/namespaces/${namespace}/${plurals[kind]}`,
      { query: { fieldSelector } },
    );
  expect((await list('Port', 'spec.node=worker-1')).items).toHaveLength(1);
  expect((await list('Port', 'spec.node=worker-2')).items).toHaveLength(0);
  expect((await list('ServiceChain', 'spec.network=shop')).items).toHaveLength(1);
});

test('defaults are filled in by the API server', async () => {
  const path = `/apis/${apiVersion}/namespaces/${namespace}`;
  const chain = await server.transport.request<{ spec: unknown }>('GET', `${path}/servicechains/it`);
  expect(chain.spec).toMatchObject({ priority: 100, establishedFlows: 'Through' });
  const network = await server.transport.request<{ spec: unknown }>('GET', `${path}/virtualnetworks/it`);
  expect(network.spec).toMatchObject({ attach: { namespaces: 'Same' } });
  const firewall = await server.transport.request<{ spec: unknown }>('GET', `${path}/firewalls/it`);
  expect(firewall.spec).toMatchObject({ stateful: true, defaultAction: 'Drop' });
});
