// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LoadBalancer, ServiceChain } from '../../../api/index.ts';
import { type SelectedPods, selectedPodsEntry } from '../../../api/selected-pods.ts';
import type { ConfigMap } from '../../../kube/wire.ts';
import { apply, get, kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { startPodTraffic } from '../../../tools/cluster/traffic.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { expectNoLoss } from '../../../tools/traffic/expect.ts';
import { podServerCommand } from '../../../tools/traffic/program.ts';
import { agentNodes, applyNetwork } from '../datapath/world.ts';
import { applyBalancer, ask, balancerIsReady } from './world.ts';

const PORT = 7000;
const LOAD = { port: PORT, datagramFlows: 4, connections: 60, newPerSecond: 40 };

/** Of the traffic's client. */
const DATAGRAM_EVERY_MS = 10;
/** So long a flow may lose what it sends when an instance is killed. */
const OUTAGE_MS = 300;

describe('a load balancer of two instances before three servers, under load', () => {
  const namespace = useNamespace('lb-life');
  let address = '';
  const server = (name: string, node: string): object =>
    testPod({
      name,
      node,
      networks: 'shop',
      labels: { role: 'server' },
      command: podServerCommand(PORT, `${namespace}-${name}`),
    });
  const startTraffic = () =>
    startPodTraffic({ pod: 'client', namespace }, { ...LOAD, name: namespace, address });
  const serving = (count: number) =>
    eventually(`${count} backends serve`, async () => {
      const { status } = await get<LoadBalancer>('loadbalancer', 'web', namespace);
      return (status?.backends ?? []).filter(({ healthy }) => healthy).length === count;
    });

  beforeAll(async () => {
    const [one, two] = (await agentNodes()) as [string, string];
    await applyNetwork(namespace, 'shop', { subnets: [{ cidr: '10.20.0.0/16' }] });
    await applyBalancer(namespace, 'web', {
      network: 'shop',
      replicas: 2,
      drainSeconds: 5,
      listeners: (['TCP', 'UDP'] as const).map((protocol) => ({
        name: protocol.toLowerCase(),
        protocol,
        port: PORT,
      })),
      backends: { podSelector: { matchLabels: { role: 'server' } } },
      healthCheck: { tcp: { port: PORT }, intervalMs: 500, timeoutMs: 450 },
      pod: { tolerations: [{ operator: 'Exists' }], resources: { requests: { cpu: '1m', memory: '16Mi' } } },
    });
    await apply(
      [testPod({ name: 'client', node: one, networks: 'shop' }), server('s1', one), server('s2', two)],
      namespace,
    );
    for (const pod of ['client', 's1', 's2']) await waitForPod(pod, namespace);
    await balancerIsReady(namespace, 'web');
    await serving(2);
    address = (await get<LoadBalancer>('loadbalancer', 'web', namespace)).status!.addresses![0]!;
  }, 240_000);

  test('gets an address of the network by itself, and nobody else has it', async () => {
    expect(address).toMatch(/^10\.20\./);
    const ports = await list<{ spec: { addresses?: readonly string[] } }>('ports.heddle.dev', { namespace });
    expect(ports.flatMap(({ spec }) => spec.addresses ?? [])).not.toContain(address);
  });

  test('its instances have source ports of their own', async () => {
    const map = await get<ConfigMap>('configmap', 'heddle-loadbalancer-web-peers', namespace);
    const { sourcePorts = {} } = JSON.parse(map.data![selectedPodsEntry]!) as SelectedPods;
    const ranges = Object.values(sourcePorts).sort((a, b) => a.first - b.first);
    expect(ranges.length).toBeGreaterThanOrEqual(2);
    for (const [at, { last }] of ranges.entries()) {
      expect(ranges[at + 1]?.first ?? 65_536).toBeGreaterThan(last);
    }
  });

  test('lets established flows of its own chain go past it', async () => {
    const { status } = await get<ServiceChain>('servicechain', 'web.lb', namespace);
    expect(status?.conditions?.find(({ type }) => type === 'Straight')).toMatchObject({
      status: 'True',
      reason: 'EstablishedFlowsGoStraight',
    });
  });

  test('a backend that comes takes new flows, and no flow breaks', async () => {
    const traffic = await startTraffic();
    const [, two] = (await agentNodes()) as [string, string];
    await apply([server('s3', two)], namespace);
    await waitForPod('s3', namespace);
    await serving(3);
    await sleep(2000);
    expectNoLoss(await traffic.end());
  });

  test('scales from two to three and to one: no flow breaks', async () => {
    const traffic = await startTraffic();
    for (const replicas of [3, 1]) {
      await kubectl(['scale', 'loadbalancer/web', `--replicas=${replicas}`], { namespace });
      await eventually(`${replicas} instances`, async () => {
        const pods = await list('pods', { namespace, selector: 'heddle.dev/function=loadbalancer.web' });
        const { status } = await get<LoadBalancer>('loadbalancer', 'web', namespace);
        return pods.length === replicas && status?.readyReplicas === replicas;
      });
      await sleep(1500);
    }
    const result = await traffic.end();
    await kubectl(['scale', 'loadbalancer/web', '--replicas=2'], { namespace });
    await balancerIsReady(namespace, 'web');
    console.log('scaled', JSON.stringify(result));
    expectNoLoss(result);
  });

  test('no connection breaks when an instance is killed', async () => {
    const traffic = await startTraffic();
    const [victim] = await list('pods', { namespace, selector: 'heddle.dev/function=loadbalancer.web' });
    await kubectl(['delete', 'pod', victim!.metadata.name, '--grace-period=0', '--force'], { namespace });
    await sleep(4500);
    const { tcp, udp, fresh, pausedMs } = await traffic.end();
    console.log('killed', JSON.stringify({ tcp, udp, fresh, pausedMs }));
    expect(tcp).toMatchObject({ broken: [], unanswered: 0 });
    expect(tcp.answers).toBeGreaterThan(1000);
    expect(fresh.failed).toEqual([]);
    // What was in the instance, and until its node knows: docs/datapath.md, "Health". A client that had to wait for a
    // processor itself is its own control.
    for (const { packets } of udp.gaps)
      expect(packets * DATAGRAM_EVERY_MS).toBeLessThan(OUTAGE_MS + pausedMs);
    expect(udp.lost * DATAGRAM_EVERY_MS).toBeLessThan(LOAD.datagramFlows * (OUTAGE_MS + pausedMs));
    await balancerIsReady(namespace, 'web');
  });

  test('a backend that is killed breaks its own connections at once, and no others; new ones go elsewhere', async () => {
    const traffic = await startTraffic();
    await kubectl(['delete', 'pod', 's3', '--grace-period=0', '--force'], { namespace });
    await serving(2);
    await sleep(1000);
    const { tcp } = await traffic.end();
    console.log('backend killed', JSON.stringify(tcp.broken));
    expect(tcp.broken.length).toBeGreaterThan(0);
    expect(tcp.broken.length).toBeLessThan(LOAD.connections * 0.6);
    const after = await startTraffic();
    await sleep(1000);
    expectNoLoss(await after.end());
  });

  test('an address that an edit takes away keeps its flows while they drain, and nobody gets it meanwhile', async () => {
    const traffic = await startPodTraffic(
      { pod: 'client', namespace },
      { ...LOAD, newPerSecond: 0, name: namespace, address },
    );
    const patch = { spec: { addresses: ['10.20.7.7'], drainSeconds: 300 } };
    await kubectl(['patch', 'lb', 'web', '--type=merge', '-p', JSON.stringify(patch)], { namespace });
    await eventually('the former address drains', async () => {
      const { metadata, status } = await get<LoadBalancer>('loadbalancer', 'web', namespace);
      const drains = status?.draining?.some((each) => each.address === address) ?? false;
      const programmed = status?.conditions?.find(({ type }) => type === 'Programmed');
      return (
        drains && programmed?.observedGeneration === metadata.generation && programmed?.status === 'True'
      );
    });
    await sleep(1500);
    const { tcp, udp, pausedMs } = await traffic.end();
    expect(tcp).toMatchObject({ broken: [], unanswered: 0 });
    expect(udp.lost * DATAGRAM_EVERY_MS).toBeLessThan(LOAD.datagramFlows * (OUTAGE_MS + pausedMs));
    expect(await ask({ namespace, from: 'client', url: `http://${address}:${PORT}`, count: 1 })).toEqual([
      'error ECONNREFUSED',
    ]);
    await applyBalancer(namespace, 'next', {
      ...{ network: 'shop', replicas: 0, addresses: [address] },
      listeners: [{ name: 'tcp', protocol: 'TCP', port: PORT }],
      backends: { podSelector: { matchLabels: { role: 'server' } } },
    });
    const said = await eventually('the other one is told', async () => {
      const { status } = await get<LoadBalancer>('loadbalancer', 'next', namespace);
      return status?.conditions?.find(({ type, status: is }) => type === 'Accepted' && is === 'False');
    });
    expect(said.message).toContain(`${address} was taken from LoadBalancer ${namespace}/web`);
  });
});
