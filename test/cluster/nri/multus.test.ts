// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply, exec, get, kubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { connect, serverScript, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { hasMultus } from '../../../tools/suite/multus.ts';
import { needs, skipWhere } from '../../support/needs.ts';
import { agentNodes, applyNetwork } from '../datapath/world.ts';
import { worldOf } from '../network/world.ts';
import { isOurs, onNode } from '../resilience/nodes.ts';
import { type Installation, installMultus } from './multus.ts';

const LEASES = '/run/cni-heddle-multus';
const MACVLAN = {
  cniVersion: '1.0.0',
  type: 'macvlan',
  master: 'eth0',
  mode: 'bridge',
  ipam: { type: 'host-local', subnet: '192.0.2.0/24', dataDir: LEASES },
};
const PORT = 8080;

interface Entry {
  readonly name: string;
  readonly interface: string;
  readonly ips?: readonly string[];
}

const options = isOurs
  ? needs(hasMultus() ? undefined : 'Multus is not built: npm run test:cluster')
  : skipWhere('installs Multus on a node, and this cluster is somebody’s');

describe('Multus on the node', { ...options, timeout: 180_000 }, () => {
  const namespace = useNamespace('multus');
  const own = { namespace };
  let node: string;
  let world: ReturnType<typeof worldOf>;
  let multus: Installation;

  beforeAll(async () => {
    node = (await agentNodes())[0]!;
    world = worldOf(namespace, node);
    multus = await installMultus({ node, namespace });
    const definition = (name: string, config: object) => ({
      apiVersion: 'k8s.cni.cncf.io/v1',
      kind: 'NetworkAttachmentDefinition',
      metadata: { name },
      spec: { config: JSON.stringify(config) },
    });
    await apply([definition('macvlan', MACVLAN), definition('both', PLACEHOLDER)], namespace);
    await applyNetwork(namespace, 'lan', { subnets: [{ cidr: '10.73.0.0/24' }] });
    await applyNetwork(namespace, 'both', { subnets: [{ cidr: '10.74.0.0/24' }] });
  }, 300_000);
  afterAll(async () => {
    await multus?.remove();
    await onNode(node, ['rm', '-rf', LEASES]);
  }, 300_000);

  const start = async (name: string, annotations: object): Promise<void> => {
    const pod = testPod({ name, node, script: serverScript([PORT]) }) as { readonly metadata: object };
    await apply([{ ...pod, metadata: { ...pod.metadata, annotations } }], namespace);
  };
  const entriesOf = (name: string, count: number): Promise<readonly Entry[]> =>
    eventually(`network-status of ${name} has ${count} entries`, async () => {
      const { metadata } = await get('pod', name, namespace);
      const found = JSON.parse(metadata.annotations?.[STATUS] ?? '[]') as readonly Entry[];
      return found.length === count && found;
    });
  const namesOf = (entries: readonly Entry[]): object =>
    Object.fromEntries(entries.map((entry) => [entry.interface, entry.name]));
  const interfacesOf = async (name: string): Promise<readonly string[]> => {
    const script = 'console.log(Object.keys(require("node:os").networkInterfaces()).join())';
    return (await exec(name, ['node', '-e', script], own)).stdout.trim().split(',');
  };

  test('a pod has its interfaces of both, network-status says so, and each reaches the other pod', async () => {
    const annotations = { 'k8s.v1.cni.cncf.io/networks': 'macvlan', 'heddle.dev/networks': 'lan' };
    for (const name of ['one', 'two']) await start(name, annotations);
    for (const name of ['one', 'two']) await waitForPod(name, namespace);
    expect(await interfacesOf('one')).toEqual(expect.arrayContaining(['eth0', 'net1', 'net2']));
    const entries = await entriesOf('two', 3);
    expect(namesOf(entries)).toEqual({
      eth0: expect.any(String),
      net1: `${namespace}/macvlan`,
      net2: `${namespace}/lan`,
    });
    for (const { ips = [] } of entries) {
      const address = ips[0]!;
      const reply = await connect({ pod: 'one', namespace, address, port: PORT });
      expect(reply, address).toMatchObject({ outcome: 'answered' });
    }
  });

  test('a VirtualNetwork in the standard annotation needs a placeholder, and takes its place', async () => {
    await start('both', { 'k8s.v1.cni.cncf.io/networks': 'both' });
    await start('alone', { 'k8s.v1.cni.cncf.io/networks': 'lan' });
    await waitForPod('both', namespace);
    expect(await interfacesOf('both')).toContain('net1');
    expect(namesOf(await entriesOf('both', 2))).toEqual({
      eth0: expect.any(String),
      net1: `${namespace}/both`,
    });
    expect(await world.remark('alone', 'FailedCreatePodSandBox')).toContain(
      'cannot find a network-attachment-definition (lan)',
    );
  });

  test('a pod that ends gives back what it had of both', async () => {
    const leases = async () => (await onNode(node, ['ls', `${LEASES}/macvlan`])).match(/192\.0\.2\.\d+/g);
    expect(await leases()).toHaveLength(2);
    await kubectl(['delete', 'pod', 'one', '--timeout=60s'], { ...own, timeoutMs: 70_000 });
    await eventually('its addresses are free', async () => {
      return (await leases())?.length === 1 && (await world.ports('one')).length === 0;
    });
  });
});

const STATUS = 'k8s.v1.cni.cncf.io/network-status';
/** It does nothing. */
const PLACEHOLDER = { cniVersion: '1.0.0', type: 'loopback' };
