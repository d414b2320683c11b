// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { Writer } from '../../../kube/apply.ts';
import { createLogger } from '../../../kube/base/log.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { type Resource, resources } from '../../../kube/resource.ts';
import { createTransport } from '../../../kube/transport.ts';
import { createObservation } from '../../../operator/observe/observation.ts';

/**
 * Measures what a large cluster costs the operator: `node --expose-gc test/cluster/runtime/measure.ts 10000`, with
 * $KUBECONFIG and Heddle's CRDs installed. It makes that many pods (never scheduled) and Ports, and deletes their
 * namespace.
 */
const count = Number(process.argv[2] ?? 10_000);
const transport = createTransport({ maxRequests: 32 });
const writer = new Writer({ transport, fieldManager: 'heddle-measure' });
const namespace = `heddle-measure-${randomBytes(3).toString('hex')}`;
const log = createLogger({ name: 'measure', level: 'warn' });

function pod(n: number): KubeObject & { readonly spec: object } {
  const env = Array.from({ length: 20 }, (_, i) => ({
    name: `VARIABLE_${i}`,
    value: `the value of number ${i}`,
  }));
  const container = {
    name: 'web',
    image: 'web:1',
    env,
    resources: { requests: { cpu: '100m', memory: '64Mi' } },
  };
  return {
    metadata: {
      namespace,
      name: `web-${n}`,
      labels: { app: 'web', tier: `t${n % 50}`, 'pod-template-hash': 'abcdef' },
      annotations: { 'k8s.v1.cni.cncf.io/networks': 'shop', 'example.com/checksum': 'x'.repeat(64) },
    },
    spec: { schedulerName: 'nobody', containers: [container], terminationGracePeriodSeconds: 0 },
  };
}

function port(n: number): KubeObject & { readonly spec: object } {
  const [high, low] = [Math.floor(n / 250), (n % 250) + 1];
  return {
    metadata: {
      namespace,
      name: `web-${n}-net1-abcdef`,
      labels: { 'heddle.dev/network': `${namespace}.shop` },
    },
    spec: {
      network: { namespace, name: 'shop' },
      vni: 4097,
      pod: { name: `web-${n}`, uid: `00000000-0000-0000-0000-${String(n).padStart(12, '0')}` },
      node: `node-${n % 100}`,
      interface: 'net1',
      addresses: [`10.20.${high}.${low}`],
      mac: `06:00:00:00:${high.toString(16).padStart(2, '0')}:${low.toString(16).padStart(2, '0')}`,
      mtu: 1450,
    },
  };
}

async function createAll(resource: Resource, objectOf: (n: number) => KubeObject): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await writer.create(resource, objectOf(n));
  };
  await Promise.all(Array.from({ length: 32 }, work));
}

function memory(): { heapMb: number; rssMb: number } {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMb: Math.round(heapUsed / 1e5) / 10, rssMb: Math.round(rss / 1e5) / 10 };
}

function median(values: number[]): number {
  return Math.round(values.sort((a, b) => a - b)[Math.floor(values.length / 2)]! * 10) / 10;
}

await writer.create(resources.namespaces as Resource, { metadata: { name: namespace } });
const madeAt = performance.now();
await createAll(resources.pods, pod);
await createAll(resources.ports, port);
const creations = Math.round((2 * count) / ((performance.now() - madeAt) / 1000));

const before = memory();
const stop = new AbortController();
const observation = createObservation({ transport, log });
const startedAt = performance.now();
const cpu = process.cpuUsage();
const running = observation.run(stop.signal);
await observation.synced;
const syncMs = Math.round(performance.now() - startedAt);
const { user } = process.cpuUsage(cpu);
const after = memory();

const latencies: number[] = [];
for (let n = 0; n < 100; n += 1) {
  let sentAt = 0;
  const seen = new Promise<number>((resolve) => {
    const unsubscribe = observation.stores.ports.subscribe(() => {
      unsubscribe();
      resolve(performance.now());
    });
  });
  sentAt = performance.now();
  const ref = { resource: resources.ports, namespace, name: `web-${n}-net1-abcdef` };
  void writer.patch(ref, { metadata: { annotations: { 'example.com/n': String(n) } } });
  latencies.push((await seen) - sentAt);
}

console.log({
  objects: { pods: observation.stores.pods.size, ports: observation.stores.ports.size },
  creationsPerSecond: creations,
  syncMs,
  syncCpuMs: Math.round(user / 1000),
  before,
  after,
  writeToListenerMs: { median: median(latencies), worst: Math.round(Math.max(...latencies) * 10) / 10 },
});
stop.abort();
await running;
await writer.delete({ resource: resources.namespaces, name: namespace });
transport.close();
