// SPDX-License-Identifier: Apache-2.0
import { beforeAll, expect, test } from 'vitest';
import { drainFiles } from '../../../api/function-environment.ts';
import type { ChainSlice } from '../../../api/index.ts';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, exec, get, kubectl, list, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually, holds } from '../../../tools/cluster/wait.ts';
import { addressesOf, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { echoScript, streamTcp, type TcpResult } from '../datapath/streams.ts';
import {
  agentNodes,
  applyChain,
  applyFirewall,
  applyNetwork,
  chainIsReady,
  firewallIsReady,
} from '../datapath/world.ts';

const namespace = useNamespace('drain');
/** Longer than any of these tests: whoever goes earlier goes because it has no flows. */
const firewall = { drainSeconds: 120, defaultAction: 'Accept' };
/** Of a connection; none is waited for so long. */
const MOST_SECONDS = 120;
let server: string;

interface Pod {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly spec: { readonly terminationGracePeriodSeconds: number };
}

interface WithStatus {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface Deployment {
  readonly metadata: { readonly generation: number };
}

const instances = () =>
  list<Pod & { kind: string; apiVersion: string; metadata: { name: string } }>('pods', {
    namespace,
    selector: 'heddle.dev/function=firewall.edge',
  });
const deployment = () => get<Deployment>('deployment', 'heddle-firewall-edge', namespace);
const listed = async () =>
  (await get<ChainSlice>('chainslices.internal.heddle.dev', 'chain-0', namespace)).spec.hops?.[0]
    ?.instances ?? [];
const scale = (replicas: number) =>
  kubectl(['scale', 'firewall/edge', `--replicas=${replicas}`], { namespace });

async function serves(): Promise<void> {
  await firewallIsReady(namespace, 'edge');
  await chainIsReady(namespace, 'chain');
}

/** How long until the last instance is gone, in seconds. */
async function secondsUntilGone(): Promise<number> {
  const since = performance.now();
  await eventually('no instance is left', async () => (await instances()).length === 0, {
    timeoutMs: 100_000,
  });
  return (performance.now() - since) / 1000;
}

/** A connection through the one instance, once the instance tracks it; it stands until `end`. */
async function openConnection(): Promise<{ end(): Promise<TcpResult> }> {
  let stop: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const stream = streamTcp({
    pod: 'client',
    namespace,
    address: server,
    port: 7001,
    end,
    mostSeconds: MOST_SECONDS,
  });
  const [pod] = await instances();
  let over: TcpResult | undefined;
  void stream.then((result) => {
    over = result;
  });
  await eventually('the instance tracks the connection', async () => {
    const { stdout } = await exec(pod!.metadata.name, ['conntrack', '-L'], { namespace });
    if (over) throw new Error(`the connection is over: ${JSON.stringify(over)}`);
    return stdout.includes('ESTABLISHED');
  });
  return {
    end: () => {
      stop();
      return stream;
    },
  };
}

beforeAll(async () => {
  const [one, two] = await agentNodes();
  await applyNetwork(namespace, 'shop', { subnets: [{ cidr: '10.20.0.0/16' }] });
  await applyFirewall(namespace, 'edge', firewall);
  await applyChain(namespace, 'chain', {
    network: 'shop',
    from: [{ podSelector: { matchLabels: { role: 'client' } } }],
    functions: [{ kind: 'Firewall', name: 'edge' }],
  });
  await apply(
    [
      testPod({ name: 'client', node: one!, networks: 'shop', labels: { role: 'client' } }),
      testPod({ name: 'server', node: two ?? one!, networks: 'shop', script: echoScript(7000) }),
    ],
    namespace,
  );
  for (const name of ['client', 'server']) await waitForPod(name, namespace);
  [server] = (await addressesOf('server', namespace, `${namespace}/shop`)) as [string];
  await serves();
}, 240_000);

test('an edit of drainSeconds restarts no pod', async () => {
  const before = (await deployment()).metadata.generation;
  const [pod] = await instances();
  expect(pod?.spec.terminationGracePeriodSeconds).toBe(630);
  await applyFirewall(namespace, 'edge', { ...firewall, drainSeconds: 600 });
  await firewallIsReady(namespace, 'edge');
  await applyFirewall(namespace, 'edge', firewall);
  await firewallIsReady(namespace, 'edge');
  expect((await deployment()).metadata.generation).toBe(before);
  expect((await instances()).map(({ metadata }) => metadata.name)).toEqual([pod?.metadata.name]);
});

test('an instance that is to go keeps its connection to the end, then goes long before drainSeconds are over', async () => {
  const connection = await openConnection();
  await scale(0);
  await eventually('it drains', async () => (await listed())[0]?.state === 'Draining');
  await holds('it stays', async () => (await instances()).length === 1, { forMs: 6000 });
  // By its preStop hook: the runtime does not stop the container yet, so its plugins and other pods need not wait.
  const [leaving] = await instances();
  const files = await exec(leaving!.metadata.name, ['ls', '/run'], { namespace });
  expect(files.stdout.split('\n')).toContain(drainFiles.asked);
  expect(files.stdout.split('\n')).not.toContain(drainFiles.done);
  const { bytes, error } = await connection.end();
  expect(error).toBe(null);
  expect(bytes).toBeGreaterThan(1_000_000);
  expect(await secondsUntilGone()).toBeLessThan(30);
  await eventually('it is in no slice', async () => (await listed()).length === 0);
});

test('an instance without flows goes at once', async () => {
  await scale(1);
  await serves();
  await scale(0);
  expect(await secondsUntilGone()).toBeLessThan(30);
});

test('a firewall that is deleted takes its instances with it, whatever flows they have', async () => {
  await scale(1);
  await serves();
  const connection = await openConnection();
  await kubectl(['delete', 'firewall', 'edge', '--wait=false'], { namespace });
  // The connection stands all the time.
  expect(await secondsUntilGone()).toBeLessThan(25);
  await connection.end().catch(() => undefined);
});

test('instances that start while a list of their firewall cannot be read have what it last held', async () => {
  const feed = (text: string) =>
    apply(
      [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'feed' }, data: { list: text } }],
      namespace,
    );
  await feed('192.0.2.1\n');
  await applyFirewall(namespace, 'feed', {
    drainSeconds: 0,
    defaultAction: 'Accept',
    sets: [{ name: 'bad', configMapRef: { name: 'feed' } }],
    rules: [{ name: 'bad', action: 'Drop', source: { set: 'bad' } }],
  });
  await firewallIsReady(namespace, 'feed');
  const kept = ['get', 'configmap', 'heddle-firewall-feed-kept.bad', '-o', 'jsonpath={.data.list}'];
  await eventually('the list is kept', async () => {
    return (await tryKubectl(kept, { namespace })).stdout.trim() === '192.0.2.1';
  });
  await feed('<html>\nnot found\n');
  await waitForCondition({ kind: 'firewall', name: 'feed', namespace }, 'Programmed', { status: 'False' });
  const selector = 'heddle.dev/function=firewall.feed';
  const before = (await list('pods', { namespace, selector })).map(({ metadata }) => metadata?.uid);
  await kubectl(['delete', 'pods', '-l', selector, '--wait=false'], { namespace });
  await kubectl(['scale', 'firewall/feed', '--replicas=2'], { namespace });
  const pods = await eventually('two new instances are ready', async () => {
    const now = await list<WithStatus>('pods', { namespace, selector });
    const ready = now.filter(({ status }) =>
      status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True'),
    );
    return ready.length === 2 && !ready.some(({ metadata }) => before.includes(metadata.uid)) && ready;
  });
  for (const { metadata } of pods) {
    const show = ['nft', 'list', 'set', 'inet', 'heddle', 'set-bad-v4-hosts'];
    expect((await exec(metadata.name, show, { namespace })).stdout).toContain('192.0.2.1');
  }
});
