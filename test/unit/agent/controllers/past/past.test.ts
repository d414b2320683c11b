// SPDX-License-Identifier: Apache-2.0
import { beforeEach, expect, test, vi } from 'vitest';
import type { AgentContext } from '../../../../../agent/controllers/context.ts';
import { PastAgent } from '../../../../../agent/controllers/past/past.ts';
import type { RuntimeContainer, RuntimePod } from '../../../../../agent/nri/plugin.ts';
import { LocalState } from '../../../../../agent/observe/local.ts';
import { createAgentStores } from '../../../../../agent/observe/stores.ts';
import type { Port, VirtualNetwork } from '../../../../../api/index.ts';
import { keyOf } from '../../../../../api/key.ts';
import { formatPrefix, type Prefix } from '../../../../../api/net/prefix.ts';
import { createLogger } from '../../../../../kube/base/log.ts';
import type { EventNote } from '../../../../../kube/events.ts';

const reported: string[] = [];
const fences: string[] = [];
let failure: Error | undefined;
vi.mock('../../../../../agent/controllers/port.ts', async (original) => ({
  ...(await original<object>()),
  attachPort: async ({ local }: AgentContext, { port, sandbox }: { port: Port; sandbox: { id: string } }) => {
    if (failure) throw failure;
    local.completed(keyOf(port), { sandboxId: sandbox.id, madeAt: 2000 });
  },
}));
vi.mock('../../../../../agent/controllers/port-condition.ts', () => ({
  reportPort: async (_: unknown, port: Port, state: string) =>
    void reported.push(`${port.metadata.name} ${state}`),
}));
vi.mock('../../../../../agent/apply/fence.ts', () => ({
  applyFence: async (_: unknown, { prefixes }: { prefixes: readonly Prefix[] }) =>
    void fences.push(prefixes.map(formatPrefix).join()),
}));

beforeEach(() => {
  reported.length = 0;
  fences.length = 0;
  failure = undefined;
});

const pod: RuntimePod = {
  id: 'sandbox',
  uid: 'uid',
  namespace: 'shop',
  name: 'web',
  netnsPath: '/n',
  labels: {},
  annotations: { 'k8s.v1.cni.cncf.io/networks': 'net' },
};
const sandbox = { id: 'sandbox', podUid: 'uid', namespace: 'shop', name: 'web', netnsPath: '/n' };
const running = { podId: 'sandbox', lives: true, createdAt: 1000 } as RuntimeContainer;
const port = {
  apiVersion: 'heddle.dev/v1alpha1',
  kind: 'Port',
  metadata: { namespace: 'shop', name: 'web-net1', resourceVersion: '1' },
  spec: {
    interface: 'net1',
    node: 'here',
    network: { namespace: 'shop', name: 'net' },
    pod: { name: 'web', uid: 'uid' },
  },
  status: { conditions: [{ type: 'Accepted', status: 'True' }] },
} as unknown as Port;
const network = {
  metadata: { namespace: 'shop', name: 'net', resourceVersion: '1' },
  spec: { subnets: [{ cidr: '10.1.0.0/16' }] },
} as unknown as VirtualNetwork;

function openNode() {
  const stores = createAgentStores();
  stores.networks.replace([network]);
  const local = new LocalState('here');
  const log = createLogger({ name: 'test', level: 'silent' });
  const context = { stores, local, log, node: { innerMtu: 1450, hasIpv6: true } } as unknown as AgentContext;
  const told: EventNote[] = [];
  const past = new PastAgent({
    context,
    events: { record: (note) => void told.push(note) },
    startedWithout: 'Fence',
  });
  const reasons = () => told.map(({ reason }) => reason);
  return { stores, local, past, reasons };
}

test('a pod without containers is not suspected: its containers will be refused', async () => {
  const { past, reasons } = openNode();
  past.list(pod, sandbox, [{ ...running, lives: false }]);
  expect(past.has('uid')).toBe(false);
  await past.reconcile('uid');
  expect(reasons()).toEqual([]);
});

test('a pod that the agent attached in time is forgotten in silence', async () => {
  const { past, stores, local, reasons } = openNode();
  stores.ports.replace([port]);
  local.completed('shop/web-net1', { sandboxId: 'sandbox', madeAt: 999 });
  past.list(pod, sandbox, [running]);
  expect(await past.reconcile('uid')).toBeUndefined();
  expect([past.has('uid'), reasons(), reported]).toEqual([false, [], []]);
});

test('a pod that may have its interface gets it after a moment for the operator, and is told', async () => {
  const { past, stores, reasons } = openNode();
  past.list(pod, sandbox, [running]);
  expect(await past.reconcile('uid')).toEqual({ requeueAfterMs: 1000 });
  expect(reasons()).toEqual([]);
  stores.ports.replace([port]);
  await past.reconcile('uid');
  expect([past.has('uid'), past.without]).toEqual([false, []]);
  expect(reasons()).toEqual(['StartedBeforeInterface']);
  expect(reported).toEqual(['web-net1 AttachedLate']);
});

test('a pod that cannot have its interface is fenced and told once, until it can', async () => {
  const { past, stores, reasons } = openNode();
  past.list(pod, sandbox, [running]);
  for (let pass = 0; pass < 4; pass += 1) await past.reconcile('uid');
  expect(past.without).toEqual(['shop/web']);
  expect(reasons()).toEqual(['StartedWithoutInterface']);
  expect(new Set(fences)).toEqual(new Set(['10.1.0.0/16']));
  stores.ports.replace([port]);
  await past.reconcile('uid');
  expect(past.without).toEqual([]);
  expect(fences.at(-1)).toBe('');
  expect(reasons()).toEqual(['StartedWithoutInterface', 'StartedBeforeInterface']);
});

test.each([
  ['of the network’s own namespace', 'shop', '10.1.0.0/16,10.96.0.0/16'],
  // security.md: tenant-routes-guests
  ['of another namespace', 'club', '10.1.0.0/16'],
])(
  'a fence round a pod %s takes ranges of the cluster only where the network’s owner may',
  async (_what, namespace, expected) => {
    const { past, stores } = openNode();
    const subnets = [{ cidr: '10.1.0.0/16' }, { cidr: '10.96.0.0/16' }, { cidr: '10.244.0.0/16' }];
    // The owner asks for the range of Services; that of pods is routed into no pod.
    const routes = [{ cidr: '10.1.0.0/16' }, { cidr: '10.96.0.0/16', clusterRanges: 'Allowed' }];
    const metadata = { ...network.metadata, resourceVersion: '2' };
    const spec = { ...network.spec, subnets };
    stores.networks.replace([
      { ...network, metadata, spec, status: { routes } } as unknown as VirtualNetwork,
    ]);
    const annotations = { 'k8s.v1.cni.cncf.io/networks': 'shop/net' };
    past.list({ ...pod, namespace, annotations }, { ...sandbox, namespace }, [running]);
    for (let pass = 0; pass < 2; pass += 1) await past.reconcile('uid');
    expect(fences).toEqual([expected]);
  },
);

test('a Port whose interface cannot be attached says so', async () => {
  const { past, stores, reasons } = openNode();
  stores.ports.replace([port]);
  failure = new Error('the map is full');
  past.list(pod, sandbox, [running]);
  for (let pass = 0; pass < 2; pass += 1) await past.reconcile('uid');
  expect(reported).toEqual(['web-net1 PodStartedWithout']);
  expect(reasons()).toEqual(['StartedWithoutInterface']);
  expect(fences).toEqual(['10.1.0.0/16']);
});

test('a pod that ends is forgotten', async () => {
  const { past } = openNode();
  past.list(pod, sandbox, [running]);
  for (let pass = 0; pass < 2; pass += 1) await past.reconcile('uid');
  past.forget('uid');
  expect([past.without, [...past.uids]]).toEqual([[], []]);
});
