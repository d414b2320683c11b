// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply, exec, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { connect, serverScript, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { applyNetwork } from '../datapath/world.ts';
import { onlyOurs, onNode } from '../resilience/nodes.ts';
import { worldOf } from './world.ts';

describe('pods that run already, or that no API server started', { ...onlyOurs(), timeout: 120_000 }, () => {
  const namespace = useNamespace('running');
  const owner = useNamespace('private');
  const manifest = `/etc/kubernetes/manifests/heddle-test-${namespace}.yaml`;
  let node: string;
  let world: ReturnType<typeof worldOf>;

  beforeAll(async () => {
    const nodes = await list('nodes', { selector: '!node-role.kubernetes.io/control-plane' });
    node = nodes[0]!.metadata.name;
    world = worldOf(namespace, node);
    await applyNetwork(namespace, 'lan', { subnets: [{ cidr: '10.67.0.0/24' }] });
    await applyNetwork(owner, 'private', { subnets: [{ cidr: '10.68.0.0/24' }] });
    const server = testPod({
      name: 'server',
      node,
      networks: '[{"name":"lan","ips":["10.67.0.9"]}]',
      script: serverScript([80]),
    });
    await apply([server, testPod({ name: 'plain', node })], namespace);
    for (const name of ['server', 'plain']) await waitForPod(name, namespace);
  });
  afterAll(() => onNode(node, ['rm', '-f', manifest]));

  test('a pod that had no annotation joins while it runs when it gets one', async () => {
    await world.annotate('plain', 'lan');
    await eventually('the pod has the interface', async () => (await interfacesOf('plain')).includes('net1'));
    const answer = await eventually('the server answers', async () => {
      const found = await connect({ pod: 'plain', namespace, address: '10.67.0.9', port: 80 });
      return found.outcome === 'answered' && found;
    });
    expect(answer.body).toContain('port 80 saw');
  });

  test('but joins no network that does not admit its namespace (security.md: tenant-joins-network)', async () => {
    await world.annotate('plain', `lan, ${owner}/private`);
    expect(await world.remark('plain', 'NamespaceNotAllowed')).toContain(`pods of namespace ${namespace}`);
    expect(await interfacesOf('plain')).not.toContain('net2');
  });

  test('a static pod starts with its interface, although its mirror in the API has another uid', async () => {
    const name = `static-${node}`;
    await writeManifest({ name: 'static', networks: '[{"name":"lan","ips":["10.67.0.77"]}]' });
    await eventually('the kubelet has made the mirror', async () => {
      const pods = await list('pods', { namespace });
      return pods.some(({ metadata }) => metadata.name === name);
    });
    await waitForPod(name, namespace);
    expect(await interfacesOf(name)).toContain('net1');
    const { outcome } = await connect({ pod: name, namespace, address: '10.67.0.9', port: 80 });
    expect(outcome).toBe('answered');
  });

  async function writeManifest(pod: { readonly name: string; readonly networks: string }): Promise<void> {
    const object = testPod({ ...pod }) as { readonly metadata: object };
    const text = JSON.stringify({ ...object, metadata: { ...object.metadata, namespace } });
    const encoded = Buffer.from(text).toString('base64');
    // The kubelet reads every file of the directory, so the file comes there at once and whole.
    const script = `echo ${encoded} | base64 -d > /root/static.yaml && mv /root/static.yaml ${manifest}`;
    await onNode(node, ['sh', '-c', script]);
  }

  async function interfacesOf(pod: string): Promise<readonly string[]> {
    const script = 'console.log(Object.keys(require("node:os").networkInterfaces()).join())';
    return (await exec(pod, ['node', '-e', script], { namespace })).stdout.trim().split(',');
  }
});
