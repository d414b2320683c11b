// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancer } from '../../api/index.ts';
import { waitForCondition } from '../../tools/cluster/conditions.ts';
import { apply, get, type KubeObject, kubectl, list } from '../../tools/cluster/kubectl.ts';
import { eventually } from '../../tools/cluster/wait.ts';
import { addressesOf, waitForPod } from '../../tools/cluster/workloads.ts';
import type { Engine } from '../../tools/kind/engine/detect.ts';
import { askFromPod } from './client.ts';
import { expectNftables } from './kube-proxy.ts';
import { type Haproxy, type Lane, PLACES, type Place, PROXIES } from './lanes.ts';
import * as objects from './objects.ts';

const NAMESPACE = 'bench-balancer';
/** The duration of the first test whether a lane answers. */
const TRIAL_MS = 100;
const READY_MS = 120_000;

/** All lanes in the cluster, ready to be measured. */
export interface World {
  readonly namespace: string;
  readonly lanes: readonly Lane[];
}

/** Chooses the two nodes for pods; the control plane has other work. */
export async function chooseNodes(): Promise<objects.Nodes> {
  const nodes = await list('nodes', { selector: '!node-role.kubernetes.io/control-plane' });
  const [near, far] = nodes.map(({ metadata }) => metadata.name).sort();
  if (near === undefined || far === undefined) throw new Error('the cluster needs two nodes for pods');
  return { near, far };
}

/** Builds all lanes at once, before the same servers. */
export async function buildWorld(engine: Engine, nodes: objects.Nodes): Promise<World> {
  await kubectl(['create', 'namespace', NAMESPACE]);
  await apply([objects.renderNetwork(), objects.renderService()], NAMESPACE);
  const balancers = PLACES.map((place) => objects.renderBalancer(nodes, place));
  await apply([...balancers, ...objects.renderEnds(nodes)], NAMESPACE);
  await apply(await renderProxies(nodes), NAMESPACE);
  await waitForPod(objects.CLIENT, NAMESPACE);
  const lanes: Lane[] = [
    { build: 'nobody', address: (await addressesOn('HAProxy')).join() },
    { build: 'nobody inside', address: (await addressesOn('HAProxy inside')).join() },
    { build: 'kube-proxy', address: await serviceAddress(engine, nodes.near) },
  ];
  for (const place of PLACES) {
    lanes.push({ build: `Heddle ${place}`, address: await balancerAddress(place) });
    for (const proxy of PROXIES) {
      const address = await addressOf(proxy, objects.proxyName(proxy, place));
      lanes.push({ build: `${proxy} ${place}`, address });
    }
  }
  for (const lane of lanes) await answers(lane);
  return { namespace: NAMESPACE, lanes };
}

async function renderProxies(nodes: objects.Nodes): Promise<readonly object[]> {
  const kinds = PROXIES.map(async (proxy) => {
    const servers = await addressesOn(proxy);
    return PLACES.map((place) => objects.renderProxyPod(nodes, { proxy, place }, servers));
  });
  return (await Promise.all(kinds)).flat();
}

/** The addresses of the servers on the network of such a proxy. */
function addressesOn(proxy: Haproxy): Promise<readonly string[]> {
  return Promise.all(objects.nameServers().map((name) => addressOf(proxy, name)));
}

/** The address of a pod on the network of such a proxy. */
async function addressOf(proxy: Haproxy, pod: string): Promise<string> {
  const { status } = (await waitForPod(pod, NAMESPACE)) as { status: { podIP?: string } };
  const address =
    proxy === 'HAProxy'
      ? status.podIP
      : (await addressesOf(pod, NAMESPACE, `${NAMESPACE}/${objects.NETWORK}`))[0];
  if (address === undefined) throw new Error(`${pod} has no address`);
  return address;
}

async function balancerAddress(place: Place): Promise<string> {
  const servers = objects.nameServers().length;
  const name = objects.balancerName(place);
  const reference = { kind: 'loadbalancer', name, namespace: NAMESPACE };
  for (const type of ['Programmed', 'Ready'])
    await waitForCondition(reference, type, { timeoutMs: READY_MS });
  return eventually('all servers take flows', async () => {
    const { status } = await get<LoadBalancer>('loadbalancer', name, NAMESPACE);
    return status?.summary === `${servers}/${servers}` && status.addresses?.[0];
  });
}

async function serviceAddress(engine: Engine, node: string): Promise<string> {
  const service = await get<KubeObject & { spec: { clusterIP: string } }>(
    'service',
    objects.SERVICE,
    NAMESPACE,
  );
  await expectNftables(engine, node, service.spec.clusterIP);
  return service.spec.clusterIP;
}

async function answers(lane: Lane): Promise<void> {
  await eventually(`${lane.build} answers`, async () => {
    const trial = { namespace: NAMESPACE, lane, kind: 'connections', milliseconds: TRIAL_MS } as const;
    const { answers, failures } = await askFromPod(trial);
    return answers > 0 && failures === 0;
  });
}
