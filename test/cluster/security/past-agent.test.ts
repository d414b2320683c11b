// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NodeReport, Port } from '../../../api/index.ts';
import {
  apply,
  exec,
  get,
  type KubeObject,
  kubectl,
  list,
  readTarget,
} from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { connect, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { applyNetwork } from '../datapath/world.ts';
import { onlyOurs, onNode } from '../resilience/nodes.ts';

/**
 * An agent that does not answer in time is stopped as a whole here: after 2 s the runtime drops it, and starts pods without
 * asking.
 */
describe('a pod that starts past the agent (security.md: pod-starts-past-agent)', {
  ...onlyOurs(),
  timeout: 120_000,
}, () => {
  const namespace = useNamespace('past');
  const owner = useNamespace('closed');
  let node: string;

  beforeAll(async () => {
    const nodes = await list('nodes', { selector: '!node-role.kubernetes.io/control-plane' });
    node = nodes[0]!.metadata.name;
    await applyNetwork(namespace, 'lan', { subnets: [{ cidr: '10.64.0.0/24' }] });
    await applyNetwork(owner, 'closed', { subnets: [{ cidr: '10.65.0.0/24' }] });
    await signalAgent('STOP');
    const pods = { may: 'lan', nowhere: 'missing', refused: `${owner}/closed` };
    for (const [name, networks] of Object.entries(pods))
      await apply([testPod({ name, node, networks })], namespace);
    for (const name of Object.keys(pods)) await waitForPod(name, namespace);
    await signalAgent('CONT');
  });
  afterAll(() => signalAgent('CONT'));

  test('gets its interface late if it may have it, and is told', async () => {
    const message = await remark('may', 'StartedBeforeInterface');
    expect(message).toContain('a container started before interface net1 was there');
    expect(await interfacesOf('may')).toContain('net1');
    const [port] = await list<Port>('ports.heddle.dev', { namespace });
    expect(port?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True', reason: 'AttachedLate' }),
    );
  });

  test('is found at once: the agent is back in the runtime within a second of its return', async () => {
    const pods = await list<AgentPod>('pods', {
      namespace: readTarget().system,
      selector: 'app.kubernetes.io/component=agent',
    });
    const agent = pods.find(({ spec }) => spec.nodeName === node)!.metadata.name;
    const log = await kubectl(['logs', agent, '--tail=200'], { namespace: readTarget().system });
    const timeOf = (text: string) => {
      const line = log.split('\n').findLast((each) => each.includes(text));
      return Date.parse((JSON.parse(line!) as { readonly time: string }).time);
    };
    const gap =
      timeOf('the container runtime listed its pods') - timeOf('no connection to the container runtime');
    console.info(`the agent was back in the runtime ${gap} ms after it had noticed the loss`);
    expect(gap).toBeLessThan(1000);
  });

  test('is told when it cannot have the interface, and so is the administrator', async () => {
    expect(await remark('nowhere', 'StartedWithoutInterface')).toContain(
      `net1: VirtualNetwork ${namespace}/missing does not exist`,
    );
    const condition = await eventually('the report of the node names both pods', async () => {
      const found = await startsOf(node);
      return found?.message.includes('2 pods') && found;
    });
    expect(condition).toMatchObject({ status: 'False', reason: 'PodsStartedWithout' });
    expect(condition.message).toContain(`${namespace}/nowhere`);
  });

  test('cannot reach the network that refuses it by another way, and keeps its eth0', async () => {
    expect(await remark('refused', 'StartedWithoutInterface')).toContain('it cannot reach 10.65.0.0/24');
    const client = { pod: 'refused', namespace };
    expect(await connect({ ...client, address: '10.65.0.9', port: 80 })).toEqual({
      outcome: 'refused',
      body: 'ENETUNREACH',
    });
    const { outcome } = await connect({ ...client, address: await apiServer(), port: 443 });
    expect(outcome).not.toBe('silent');
  });

  test('gets its interface as soon as its network admits it', async () => {
    await applyNetwork(namespace, 'missing', { subnets: [{ cidr: '10.66.0.0/24' }] });
    await eventually('the pod has its interface', async () =>
      (await interfacesOf('nowhere')).includes('net1'),
    );
    await kubectl(['delete', 'pod', 'refused', '--wait=false'], { namespace });
    await eventually('the report is clean', async () => (await startsOf(node)) === undefined);
  });

  const signalAgent = (signal: 'STOP' | 'CONT') =>
    onNode(node, ['pkill', `-${signal}`, '-f', '--', '--nri-socket=']);

  async function remark(pod: string, reason: string): Promise<string> {
    return eventually(`Event ${reason} of pod ${pod}`, async () => {
      const events = await list<PodEvent>('events', { namespace });
      return events.find((each) => each.involvedObject.name === pod && each.reason === reason)?.message;
    });
  }

  async function interfacesOf(pod: string): Promise<string> {
    const script = 'console.log(Object.keys(require("node:os").networkInterfaces()).join())';
    return (await exec(pod, ['node', '-e', script], { namespace })).stdout;
  }
});

interface AgentPod extends KubeObject {
  readonly spec: { readonly nodeName: string };
}

interface PodEvent {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly name: string };
}

async function startsOf(node: string) {
  const report = await get<NodeReport>('nodereports.internal.heddle.dev', node, readTarget().system);
  return report.status?.conditions?.find(({ type }) => type === 'PodsAttached');
}

async function apiServer(): Promise<string> {
  return (await get<{ spec: { clusterIP: string } }>('service', 'kubernetes', 'default')).spec.clusterIP;
}
