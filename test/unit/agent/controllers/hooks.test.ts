// SPDX-License-Identifier: Apache-2.0
// security.md: tenant-delays-pods
import { beforeEach, expect, test, vi } from 'vitest';
import type { AgentContext } from '../../../../agent/controllers/context.ts';
import { createHooks } from '../../../../agent/controllers/hooks.ts';
import type { RuntimeContainer, RuntimePod } from '../../../../agent/nri/plugin.ts';
import { LocalState } from '../../../../agent/observe/local.ts';
import { createAgentStores } from '../../../../agent/observe/stores.ts';
import type { Port, VirtualNetwork } from '../../../../api/index.ts';
import { keyOf } from '../../../../api/key.ts';
import { createLogger } from '../../../../kube/base/log.ts';

const attached: string[] = [];
let failure: Error | undefined;
vi.mock('../../../../agent/controllers/port.ts', () => ({
  attachPort: async ({ local }: AgentContext, { port, sandbox }: { port: Port; sandbox: { id: string } }) => {
    if (failure) throw failure;
    attached.push(port.metadata.name);
    local.completed(keyOf(port), { sandboxId: sandbox.id, madeAt: undefined });
  },
  detachPod: async () => undefined,
}));

beforeEach(() => {
  attached.length = 0;
  failure = undefined;
  enqueued.length = 0;
});

function podOf(name: string, network = 'net'): RuntimePod {
  const annotations = { 'k8s.v1.cni.cncf.io/networks': network };
  const netnsPath = `/var/run/netns/${name}`;
  return { id: `sandbox-${name}`, uid: name, namespace: 'shop', name, labels: {}, annotations, netnsPath };
}

function portOf(pod: string): Port {
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Port',
    metadata: { namespace: 'shop', name: `${pod}-net1`, resourceVersion: '1' },
    spec: { interface: 'net1', node: 'here', pod: { name: pod, uid: pod } },
    status: { conditions: [{ type: 'Accepted', status: 'True' }] },
  } as unknown as Port;
}

const network = { metadata: { namespace: 'shop', name: 'net', resourceVersion: '1' } } as VirtualNetwork;
const container = {} as RuntimeContainer;

const enqueued: string[] = [];

function openNode(synced: Promise<void> = Promise.resolve()) {
  const stores = createAgentStores();
  stores.networks.replace([network]);
  const local = new LocalState('here');
  const log = createLogger({ name: 'test', level: 'silent' });
  const context = { stores, local, log } as unknown as AgentContext;
  const nothing = () => undefined;
  const hooks = createHooks({
    context,
    synced,
    onAttached: nothing,
    enqueuePort: (key) => void enqueued.push(key),
    past: { list: nothing, forget: nothing },
    enqueuePast: nothing,
  });
  return { hooks, stores, local };
}

async function millisecondsOf(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work.catch(() => undefined);
  return performance.now() - began;
}

test('a pod is attached only when everything is read: chains that were not could be missing on its network', async () => {
  let markSynced = () => {};
  const synced = new Promise<void>((resolve) => {
    markSynced = resolve;
  });
  const { hooks, stores } = openNode(synced);
  stores.ports.replace([portOf('web')]);
  await hooks.runPodSandbox(podOf('web'));
  const starts = hooks.createContainer(podOf('web'), container);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(attached).toEqual([]);
  markSynced();
  await starts;
  expect(attached).toEqual(['web-net1']);
});

test('a container that comes before everything is read is refused, and tried again', async () => {
  const { hooks, stores } = openNode(new Promise(() => {}));
  stores.ports.replace([portOf('web')]);
  await hooks.runPodSandbox(podOf('web'));
  await expect(hooks.createContainer(podOf('web'), container)).rejects.toThrow(
    'pod shop/web: the agent has not read all resources yet',
  );
  expect(attached).toEqual([]);
});

test('a pod whose Port exists is attached before its first container is asked for, and only once', async () => {
  const { hooks, stores } = openNode();
  stores.ports.replace([portOf('web')]);
  await Promise.resolve();
  await hooks.runPodSandbox(podOf('web'));
  expect(attached).toEqual(['web-net1']);
  await hooks.createContainer(podOf('web'), container);
  await hooks.createContainer(podOf('web'), container);
  expect(attached).toEqual(['web-net1']);
});

test('an interface that is complete in another sandbox of the pod does not count', async () => {
  const { hooks, stores, local } = openNode();
  stores.ports.replace([portOf('web')]);
  await Promise.resolve();
  local.completed('shop/web-net1', { sandboxId: 'the sandbox before', madeAt: 1 });
  await hooks.createContainer(podOf('web'), container);
  expect(attached).toEqual(['web-net1']);
});

test('a sandbox is kept when its interface cannot be made, and its containers are refused with the reason', async () => {
  const { hooks, stores, local } = openNode();
  stores.ports.replace([portOf('web')]);
  failure = new Error('the map is full');
  await hooks.runPodSandbox(podOf('web'));
  await expect(hooks.createContainer(podOf('web'), container)).rejects.toThrow('the map is full');
  failure = undefined;
  // The controller of Ports tries again; the hook does not, since the runtime would wait for it.
  await expect(hooks.createContainer(podOf('web'), container)).rejects.toThrow('the map is full');
  local.completed('shop/web-net1', { sandboxId: 'sandbox-web', madeAt: 1 });
  await hooks.createContainer(podOf('web'), container);
});

test('a container waits for a Port that comes a moment later', async () => {
  const { hooks, stores } = openNode();
  await hooks.runPodSandbox(podOf('web'));
  const starts = hooks.createContainer(podOf('web'), container);
  setTimeout(() => stores.ports.replace([portOf('web')]), 50);
  expect(await millisecondsOf(starts)).toBeLessThan(300);
  expect(attached).toEqual(['web-net1']);
});

test.each([
  ['a network that does not exist', 'nowhere'],
  ['an annotation that cannot be read', 'net/@'],
])('200 pods with %s keep the runtime waiting for nothing, however often they come', async (_, wrong) => {
  const { hooks } = openNode();
  await Promise.resolve();
  const began = performance.now();
  for (let round = 0; round < 3; round += 1) {
    for (let at = 0; at < 200; at += 1) {
      const pod = podOf(`bad-${at}`, wrong);
      await hooks.runPodSandbox(pod);
      await expect(hooks.createContainer(pod, container)).rejects.toThrow(`pod shop/bad-${at}: `);
    }
  }
  // Far below one wait for each, and far above what a busy machine needs to compute this.
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('200 pods that the operator gives no Port keep the runtime waiting once, and not for each', async () => {
  const { hooks } = openNode();
  await Promise.resolve();
  const began = performance.now();
  for (let at = 0; at < 200; at += 1) {
    const pod = podOf(`bad-${at}`);
    await hooks.runPodSandbox(pod);
    await expect(hooks.createContainer(pod, container)).rejects.toThrow('no address was allocated for net1');
  }
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('a pod that asks for nothing is known, so that a Port that comes while it runs is attached', async () => {
  const { hooks, stores, local } = openNode();
  const plain = { ...podOf('web'), annotations: {} };
  await hooks.runPodSandbox(plain);
  await hooks.createContainer(plain, container);
  expect(local.sandboxOf(portOf('web'))).toMatchObject({ id: 'sandbox-web' });
  expect(enqueued).toEqual([]);
  stores.ports.replace([portOf('web')]);
  await hooks.synchronize([plain], []);
  expect(enqueued).toEqual(['shop/web-net1']);
  await hooks.stopPodSandbox(plain);
  expect(enqueued).toEqual(['shop/web-net1', 'shop/web-net1']);
});

test('a static pod is found by the uid that its mirror names, and only under its own name', async () => {
  const { hooks, stores } = openNode();
  const mirrored = portOf('web');
  const portFor = (namespace: string): Port => ({
    ...mirrored,
    metadata: {
      ...mirrored.metadata,
      namespace,
      annotations: { 'heddle.dev/interfaces': 'net1', 'heddle.dev/static-uid': 'of-the-kubelet' },
    },
  });
  const pod = { ...podOf('web'), uid: 'of-the-kubelet' };
  stores.ports.replace([portFor('elsewhere')]);
  await expect(hooks.createContainer(pod, container)).rejects.toThrow('no address was allocated for net1');
  stores.ports.replace([portFor('elsewhere'), portFor('shop')]);
  await hooks.createContainer(pod, container);
  expect(attached).toEqual(['web-net1']);
});
