// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type KubeObject, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { waitForPod } from '../../../tools/cluster/workloads.ts';
import { agentNodes, chainIsReady } from '../datapath/world.ts';
import { type ChainBed, createChainBed, readChain } from '../replicas/world.ts';
import { onlyOurs, onNode, rebootNode } from './nodes.ts';

interface PlacedPod extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly uid: string };
  readonly spec: { readonly nodeName: string };
}
interface Event extends KubeObject {
  readonly reason: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

/** Status and Event of a hop that failed. */
const TOLD_MS = 1000;
/** Seeing it takes one question of kubectl more. */
const QUESTION_MS = 500;

describe('what fails under a chain', onlyOurs(), () => {
  const namespace = useNamespace('failing');
  let bed: ChainBed;

  beforeAll(async () => {
    bed = await createChainBed(namespace);
  }, 240_000);

  test('an instance that is killed is told by status and Event, and its successor takes flows', async () => {
    const [pod] = await list<PlacedPod>('pods', {
      namespace,
      selector: 'heddle.dev/function=firewall.middle',
    });
    if (!pod) throw new Error('the firewall has no pod');
    const { nodeName } = pod.spec;
    // The process that holds the namespaces of this one pod; without its interface nothing is forwarded any more.
    const uid = pod.metadata.uid.replaceAll('-', '[-_]');
    const find = `for each in /proc/[0-9]*; do grep -q '${uid}' $each/cgroup && [ "$(cat $each/comm)" = pause ] && echo ${'$'}{each#/proc/}; done; true`;
    const pid = (await onNode(nodeName, ['sh', '-c', find])).trim();
    expect(pid).toMatch(/^[0-9]+$/);
    await onNode(nodeName, ['sh', '-c', `nsenter -t ${pid} -n ip link set chain0 down; kill -KILL ${pid}`]);
    const killed = performance.now();
    await eventually(
      'the status says that the hop failed',
      async () => (await readChain(namespace)).status?.functions?.[1]?.state === 'Failed',
      { intervalMs: 50, timeoutMs: 30_000 },
    );
    const told = performance.now() - killed;
    await eventually('an Event says it', async () => {
      const events = await list<Event>('events', { namespace });
      return events.some(
        ({ reason, involvedObject }) =>
          reason === 'HopFailedClosed' && involvedObject.kind === 'ServiceChain',
      );
    });
    console.log(`an instance was killed: told after ${Math.round(told)} ms`);
    await chainIsReady(namespace, 'chain');
    await reachesServer();
    expect(told).toBeLessThan(TOLD_MS + QUESTION_MS);
  });

  test('a node that is rebooted comes back by itself, with the interfaces of its pods', {
    timeout: 400_000,
  }, async () => {
    const [, node] = await agentNodes();
    const started = performance.now();
    await rebootNode(node!);
    await reachesServer(300_000);
    console.log(`rebooted ${node}: flows work after ${Math.round((performance.now() - started) / 1000)} s`);
    await waitForPod('server', namespace);
    await chainIsReady(namespace, 'chain');
    await sleep(1000);
    await reachesServer();
  });

  const reachesServer = (timeoutMs = 60_000) =>
    eventually(
      'the client reaches the server through the chain',
      async () => {
        const traffic = await bed.startTraffic({ connections: 2, datagramFlows: 1, seconds: 1 });
        const { udp, tcp } = await traffic.result();
        return udp.lost === 0 && tcp.answers > 0 && tcp.broken.length === 0 && tcp.unanswered === 0;
      },
      { timeoutMs },
    );
});
