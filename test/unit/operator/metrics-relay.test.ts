// SPDX-License-Identifier: Apache-2.0
import express from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import type { Firewall, Port } from '../../../api/index.ts';
import { systemClock } from '../../../kube/base/clock.ts';
import type { Pod } from '../../../kube/slim.ts';
import type { Secret } from '../../../kube/wire.ts';
import { compileReportKey } from '../../../operator/compile/workload/report-key.ts';
import { serveFunctionMetrics } from '../../../operator/metrics-relay.ts';
import { createStores } from '../../../operator/observe/observation.ts';
import { Budget } from '../../../operator/report/budget.ts';
import type { PageRequest } from '../../../operator/report/client.ts';

const key = Buffer.alloc(32, 3);
const firewall = {
  apiVersion: 'heddle.dev/v1alpha1',
  kind: 'Firewall',
  metadata: { namespace: 'shop', name: 'edge', uid: 'f1' },
  spec: { replicas: 1 },
} as unknown as Firewall;
const owner = { kind: 'Firewall', namespace: 'shop', name: 'edge', uid: 'f1' } as const;

const pod = (name: string, labels: Readonly<Record<string, string>>, annotations = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      uid: name,
      labels,
      annotations,
      creationTimestamp: '2026-11-30T12:00:10Z',
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'gone', uid: 'r1', controller: true },
      ],
    },
    spec: { nodeName: 'one', hostNetwork: false },
    status: { phase: 'Running', podIPs: ['10.0.0.7'], ready: true },
  }) as never;

const close: (() => void)[] = [];
afterEach(() => {
  for (const each of close.splice(0)) each();
});

async function serve() {
  const stores = createStores();
  stores.firewalls.set(firewall);
  const secret = compileReportKey(owner, key) as unknown as Secret;
  const metadata = { ...secret.metadata, creationTimestamp: '2026-11-30T12:00:00Z' };
  stores.secrets.set({ ...secret, metadata } as Secret);
  const ours = { 'heddle.dev/function': 'firewall.edge' };
  stores.pods.set(pod('edge-1', ours, { 'heddle.dev/report': 'key' }));
  // What shows that the operator has judged it: the Port of an instance.
  const spec = { pod: { name: 'edge-1', uid: 'edge-1' }, function: { kind: 'Firewall', name: 'edge' } };
  const portOfEdge = {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Port',
    metadata: { name: 'p', namespace: 'shop' },
    spec,
  };
  stores.ports.set(portOfEdge as unknown as Port);
  stores.pods.set(pod('forged', ours, { 'heddle.dev/report': 'key' }));
  stores.pods.set(pod('web', {}));
  const asked: PageRequest[] = [];
  const app = express();
  const read = async (request: PageRequest) => {
    asked.push(request);
    return 'heddle_firewall_packets_total{rule="web"} 1\n';
  };
  serveFunctionMetrics(app, { stores, budget: new Budget(systemClock), read });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  close.push(() => server.close());
  const { port } = server.address() as { readonly port: number };
  return { asked, get: (path: string) => fetch(`http://127.0.0.1:${port}${path}`) };
}

describe('metrics of a function, by way of the operator', () => {
  test('are those of an instance, which is asked with its key', async () => {
    const { get, asked } = await serve();
    const reply = await get('/functions/shop/edge-1/metrics');
    expect(reply.status).toBe(200);
    expect(await reply.text()).toContain('heddle_firewall_packets_total');
    expect(asked).toMatchObject([{ ip: '10.0.0.7', path: '/metrics', channel: { kind: 'Key', key } }]);
  });

  test.each(['forged', 'web', 'absent'])(
    'of pod %s, which is no instance, are not asked for',
    async (name) => {
      const { get, asked } = await serve();
      expect((await get(`/functions/shop/${name}/metrics`)).status).toBe(404);
      expect(asked).toEqual([]);
    },
  );
});
