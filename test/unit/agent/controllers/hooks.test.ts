// SPDX-License-Identifier: Apache-2.0
import { expect, test, vi } from 'vitest';
import type { AgentContext } from '../../../../agent/controllers/context.ts';
import { createHooks } from '../../../../agent/controllers/hooks.ts';
import type { RuntimePod } from '../../../../agent/nri/plugin.ts';
import type { Port } from '../../../../api/index.ts';
import { createLogger } from '../../../../kube/base/log.ts';

const attached: string[] = [];
vi.mock('../../../../agent/controllers/port.ts', () => ({
  attachPort: async (_: unknown, { port }: { port: Port }) => attached.push(port.metadata.name),
  detachPod: async () => undefined,
}));

const pod = {
  id: 'sandbox',
  uid: 'uid',
  namespace: 'shop',
  name: 'web',
  netnsPath: '/var/run/netns/web',
  annotations: { 'k8s.v1.cni.cncf.io/networks': 'net' },
} as unknown as RuntimePod;

const port = {
  metadata: { namespace: 'shop', name: 'web-net1' },
  spec: { interface: 'net1', pod: { name: 'web', uid: 'uid' } },
  status: { conditions: [{ type: 'Accepted', status: 'True' }] },
} as unknown as Port;

function hooks(synced: Promise<void>) {
  const stores = { ports: { byIndex: () => [port], subscribe: () => () => undefined } };
  const local = { sandboxes: new Map() };
  const log = createLogger({ name: 'test', level: 'silent' });
  const context = { stores, local, log } as unknown as AgentContext;
  return createHooks({ context, synced, onAttached: () => undefined, enqueuePort: () => undefined });
}

test('a pod is attached only when everything is read: chains that were not could be missing on its network', async () => {
  let markSynced = () => {};
  const synced = new Promise<void>((resolve) => {
    markSynced = resolve;
  });
  const hook = hooks(synced).runPodSandbox(pod);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(attached).toEqual([]);
  markSynced();
  await hook;
  expect(attached).toEqual(['web-net1']);
});

test('a pod that comes before everything is read is refused after a second, and tried again', async () => {
  attached.length = 0;
  await expect(hooks(new Promise(() => {})).runPodSandbox(pod)).rejects.toThrow(
    'pod shop/web: the agent has not read all resources yet',
  );
  expect(attached).toEqual([]);
});
