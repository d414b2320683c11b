// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply, exec, get, kubectl, list, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { applyNetwork } from '../datapath/world.ts';
import { onlyOurs } from '../resilience/nodes.ts';
import { worldOf } from './world.ts';

/** As Multus installs it, without its long descriptions. */
const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'network-attachment-definitions.k8s.cni.cncf.io' },
  spec: {
    group: 'k8s.cni.cncf.io',
    scope: 'Namespaced',
    names: {
      kind: 'NetworkAttachmentDefinition',
      plural: 'network-attachment-definitions',
      singular: 'network-attachment-definition',
      shortNames: ['net-attach-def'],
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { config: { type: 'string' } } } },
          },
        },
      },
    ],
  },
};

const STATUS = 'k8s.v1.cni.cncf.io/network-status';
const THEIRS = [
  { name: 'kindnet', interface: 'eth0', ips: ['10.244.0.7'], default: true, dns: {} },
  { name: 'macvlan', interface: 'net1', ips: ['192.0.2.7'], mac: '02:00:00:00:00:07', dns: {} },
];

/** Multus itself is not here but in nri/multus: its definitions are, and `kubectl` writes network-status as it does. */
describe('pods beside Multus', { ...onlyOurs(), timeout: 180_000 }, () => {
  const namespace = useNamespace('beside');
  const own = { namespace };
  let node: string;
  let world: ReturnType<typeof worldOf>;
  let made = false;

  beforeAll(async () => {
    const nodes = await list('nodes', { selector: '!node-role.kubernetes.io/control-plane' });
    node = nodes[0]!.metadata.name;
    world = worldOf(namespace, node);
    made = (await tryKubectl(['get', 'crd', DEFINITION.metadata.name])).code !== 0;
    if (made) await apply([DEFINITION]);
    await kubectl(['wait', '--for=condition=Established', `crd/${DEFINITION.metadata.name}`]);
    const definition = (name: string) => ({
      apiVersion: 'k8s.cni.cncf.io/v1',
      kind: 'NetworkAttachmentDefinition',
      metadata: { name },
      spec: { config: '{"cniVersion":"1.0.0","type":"macvlan"}' },
    });
    await apply(['macvlan', 'both'].map(definition), namespace);
    await applyNetwork(namespace, 'lan', { subnets: [{ cidr: '10.73.0.0/24' }] });
    await applyNetwork(namespace, 'both', { subnets: [{ cidr: '10.74.0.0/24' }] });
  });
  afterAll(async () => {
    if (made) await kubectl(['delete', 'crd', DEFINITION.metadata.name, '--timeout=60s']);
  });

  test('an element of another CNI is left to it, with everything that it says, and an Event tells it', async () => {
    const networks = JSON.stringify([{ name: 'macvlan', 'default-route': ['192.0.2.1'] }]);
    await apply([testPod({ name: 'theirs', node, networks })], namespace);
    await waitForPod('theirs', namespace);
    expect(await world.remark('theirs', 'NetworkLeftToOthers')).toContain(`${namespace}/macvlan`);
    expect(await world.ports('theirs')).toEqual([]);
  });

  test('networks of both are joined, and each one reads in network-status what the other wrote', async () => {
    const pod = testPod({ name: 'mixed', node, networks: 'macvlan' }) as { readonly metadata: object };
    const annotations = {
      'k8s.v1.cni.cncf.io/networks': 'macvlan',
      'heddle.dev/networks': 'lan',
      [STATUS]: JSON.stringify(THEIRS),
    };
    await apply([{ ...pod, metadata: { ...pod.metadata, annotations } }], namespace);
    await waitForPod('mixed', namespace);
    expect(await interfacesOf('mixed')).toContain('net2');
    await expectMerged();
    // As Multus does for a new sandbox: it writes its own entries only.
    await kubectl(['annotate', '--overwrite', 'pod', 'mixed', `${STATUS}=${JSON.stringify(THEIRS)}`], own);
    await expectMerged();
  });

  test('a name that both have is the VirtualNetwork; a name that nobody has is refused', async () => {
    const pods = { both: 'both', nobody: 'nobody' };
    for (const [name, networks] of Object.entries(pods)) {
      await apply([testPod({ name, node, networks })], namespace);
    }
    await waitForPod('both', namespace);
    expect(await interfacesOf('both')).toContain('net1');
    expect(await world.remark('nobody', 'NetworkNotFound')).toContain(`${namespace}/nobody does not exist`);
  });

  async function expectMerged(): Promise<void> {
    const entries = await eventually('network-status has the entries of both', async () => {
      const { metadata } = await get('pod', 'mixed', namespace);
      const found = JSON.parse(metadata.annotations?.[STATUS] ?? '[]') as readonly object[];
      return found.length === 3 && found;
    });
    expect(entries.slice(0, 2)).toEqual(THEIRS);
    expect(entries[2]).toMatchObject({ name: `${namespace}/lan`, interface: 'net2', ips: ['10.73.0.1'] });
  }

  async function interfacesOf(pod: string): Promise<readonly string[]> {
    const script = 'console.log(Object.keys(require("node:os").networkInterfaces()).join())';
    return (await exec(pod, ['node', '-e', script], own)).stdout.trim().split(',');
  }
});
