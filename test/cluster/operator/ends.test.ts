// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apply, kubectl, list, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { addressesOf, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { echoScript, streamTcp } from '../datapath/streams.ts';
import { agentNodes, applyChain, applyNetwork, chainIsReady } from '../datapath/world.ts';
import { heddleObject } from './world.ts';

const namespace = useNamespace('ends');
const plain = useNamespace('ends-plain');

const BASE_IMAGE = 'localhost/heddle/base:dev';
/** Far below the 315 s after which the namespace controller looks again when it has seen a pod with 630 s. */
const MOST_SECONDS = 60;

interface FunctionPod {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status: {
    readonly containerStatuses?: readonly { readonly state: { readonly running?: object } }[];
  };
}

const podsOf = (value: string) =>
  list<FunctionPod>('pods', { namespace, selector: `heddle.dev/function=${value}` });

/** A custom function whose process never ends by itself. */
const deaf = heddleObject('CustomFunction', 'deaf', {
  image: BASE_IMAGE,
  command: ['/bin/sh', '-c', "trap '' TERM; while :; do sleep 1; done"],
});

async function runs(value: string): Promise<void> {
  await eventually(
    `a pod of ${value} runs`,
    async () => {
      const [pod] = await podsOf(value);
      return pod?.status.containerStatuses?.every(({ state }) => state.running !== undefined) ?? false;
    },
    { timeoutMs: 120_000 },
  );
}

/** Seconds until something is gone. */
async function secondsUntil(
  what: string,
  isGone: () => Promise<boolean>,
  timeoutMs: number,
): Promise<number> {
  const since = performance.now();
  await eventually(what, isGone, { timeoutMs, intervalMs: 300 });
  return (performance.now() - since) / 1000;
}

let stopStream: () => void = () => undefined;
afterAll(() => stopStream());

beforeAll(async () => {
  const [one, two] = await agentNodes();
  await applyNetwork(namespace, 'shop', { subnets: [{ cidr: '10.20.0.0/16' }] });
  await apply(
    [
      heddleObject('Firewall', 'edge', { defaultAction: 'Accept', drainSeconds: 600 }),
      heddleObject('LoadBalancer', 'web', {
        network: 'shop',
        listeners: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 7001 }],
        backends: { podSelector: { matchLabels: { app: 'server' } } },
      }),
      heddleObject('VPN', 'branch', { network: 'shop', pool: ['10.99.0.0/24'] }),
      deaf,
      testPod({ name: 'client', node: one!, networks: 'shop', labels: { role: 'client' } }),
      testPod({
        name: 'server',
        node: two ?? one!,
        networks: 'shop',
        labels: { app: 'server' },
        script: echoScript(7000),
      }),
    ],
    namespace,
  );
  await applyChain(namespace, 'chain', {
    network: 'shop',
    from: [{ podSelector: { matchLabels: { role: 'client' } } }],
    to: [{ podSelector: { matchLabels: { app: 'server' } } }],
    functions: [{ kind: 'Firewall', name: 'edge' }],
  });
  for (const name of ['client', 'server']) await waitForPod(name, namespace);
  for (const value of ['customfunction.deaf', 'loadbalancer.web', 'vpn.branch']) await runs(value);
  await chainIsReady(namespace, 'chain');
}, 240_000);

test('a function that is deleted the moment it starts does not miss the signal to end', async () => {
  await apply([heddleObject('Firewall', 'brief', { defaultAction: 'Accept' })], namespace);
  const [pod] = await eventually(
    'its first container runs',
    async () => {
      const pods = await podsOf('firewall.brief');
      return pods[0]?.status.containerStatuses?.[0]?.state.running ? pods : undefined;
    },
    { intervalMs: 20, timeoutMs: 120_000 },
  );
  const { name } = pod!.metadata;
  await kubectl(['delete', 'pod', name, '--wait=false'], { namespace });
  const isGone = async () => (await podsOf('firewall.brief')).every(({ metadata }) => metadata.name !== name);
  expect(await secondsUntil('the pod is gone', isGone, 100_000)).toBeLessThan(45);
});

test('a custom function that ignores SIGTERM ends soon after its object is deleted', async () => {
  await kubectl(['delete', 'customfunction', 'deaf', '--wait=false'], { namespace });
  const isGone = async () => (await podsOf('customfunction.deaf')).length === 0;
  expect(await secondsUntil('the pod is gone', isGone, 100_000)).toBeLessThan(45);
  await apply([deaf], namespace);
  await runs('customfunction.deaf');
});

test('a namespace with every kind of function goes as soon as one without, live flows or not', async () => {
  const [server] = await addressesOf('server', namespace, `${namespace}/shop`);
  const end = new Promise<void>((resolve) => {
    stopStream = resolve;
  });
  // Its pod goes while it runs, so it fails; only that nothing waits for it counts.
  const stream = streamTcp({
    pod: 'client',
    namespace,
    address: server!,
    port: 7001,
    end,
    mostSeconds: 120,
  }).catch(() => undefined);
  await apply([testPod({ name: 'client', node: (await agentNodes())[0]! })], plain);
  await waitForPod('client', plain);

  const remove = async (name: string): Promise<number> => {
    await kubectl(['delete', 'namespace', name, '--wait=false']);
    const isGone = async () => (await tryKubectl(['get', 'namespace', name])).code !== 0;
    return secondsUntil(`namespace ${name} is gone`, isGone, 120_000);
  };
  const [without, withFunctions] = await Promise.all([remove(plain), remove(namespace)]);
  stopStream();
  await stream;
  console.log(`namespace gone: ${withFunctions.toFixed(1)} s, one without Heddle ${without.toFixed(1)} s`);
  expect(withFunctions).toBeLessThan(MOST_SECONDS);
});
