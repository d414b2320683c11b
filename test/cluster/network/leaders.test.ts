// SPDX-License-Identifier: Apache-2.0
import { afterAll, expect, test } from 'vitest';
import { isConflict } from '../../../kube/api-error.ts';
import { Writer } from '../../../kube/apply.ts';
import { systemClock } from '../../../kube/base/clock.ts';
import { createLogger } from '../../../kube/base/log.ts';
import { EventRecorder } from '../../../kube/events.ts';
import { resources } from '../../../kube/resource.ts';
import { createTransport, type Transport } from '../../../kube/transport.ts';
import { createPodController } from '../../../operator/controllers/pod.ts';
import { createPortController } from '../../../operator/controllers/port.ts';
import { createObservation } from '../../../operator/observe/observation.ts';
import { apply, kubectl, readTarget } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { usePhantomNode } from './phantom-node.ts';
import { boundPod, isAccepted, worldOf } from './world.ts';

// An operator that was asleep and still believes to lead, as bad as it can be: no lease stops it, and it sees Ports
// late. Two of them work at the same time; each sees pods that the other does not, so that
// they choose the same addresses for different pods.

const PODS = 30;
const LATE_MS = 400;

const node = usePhantomNode();
const namespace = useNamespace('leaders');
const world = worldOf(namespace, node);
const stops: (() => Promise<void>)[] = [];
let lost = 0;
/** Only on a cluster of our own the installed operator is sent to rest, so that the sleepers judge each other. */
const mayRest = process.env.HEDDLE_TEST_OWN_CLUSTER === '1';
afterAll(async () => {
  for (const stop of stops) await stop();
  await rest(false);
});

async function rest(now: boolean): Promise<void> {
  if (!mayRest) return;
  const { system } = readTarget();
  await kubectl(['-n', system, 'scale', 'deployment/heddle-operator', `--replicas=${now ? 0 : 2}`]);
  const gone = ['wait', '--for=delete', 'pod', '-l', 'app.kubernetes.io/component=operator', '--timeout=60s'];
  const back = ['rollout', 'status', 'deployment/heddle-operator', '--timeout=120s'];
  await kubectl(['-n', system, ...(now ? gone : back)], { timeoutMs: 130_000 });
}

/** The controllers that claim and judge, over stores of their own. */
async function startLeader(instance: string, sees: (pod: string) => boolean): Promise<void> {
  const write = (line: string): void => {
    if (line.includes('claim lost')) lost += 1;
  };
  const log = createLogger({ name: instance, destination: { write } });
  const transport = blurred(createTransport(), sees);
  const writer = new Writer({ transport, fieldManager: 'heddle-operator' });
  const events = new EventRecorder({ writer, reporter: { component: 'heddle-operator', instance }, log });
  const observation = createObservation({ transport, log, namespace });
  const { stores, synced } = observation;
  const random = Math.random;
  const deps = { stores, writer, events, clock: systemClock, random, controller: { log, synced } };
  const abort = new AbortController();
  const controllers = [createPortController(deps), createPodController(deps)];
  const runs = [observation, ...controllers].map((part) => part.run(abort.signal));
  await synced;
  stops.push(async () => {
    abort.abort();
    await Promise.all(runs);
    await events.flush();
    transport.close();
  });
}

/** A transport whose watches of Ports are late, and whose watches of pods miss those that are not to be seen. */
function blurred(transport: Transport, sees: (pod: string) => boolean): Transport {
  const watch: Transport['watch'] = (path, options) =>
    transport.watch(path, {
      ...options,
      onValue: (value) => {
        const name = (value as { object?: { metadata?: { name?: string } } }).object?.metadata?.name;
        if (path.endsWith('/pods') && name !== undefined && !sees(name)) return;
        if (path.endsWith('/ports')) setTimeout(() => options.onValue(value), LATE_MS);
        else options.onValue(value);
      },
    });
  return { ...transport, watch };
}

test('operators that all believe to lead give each pod one Port, and no address twice', async () => {
  // Two spare addresses: a claim that lost must find another one among few.
  await world.network('contested', { subnets: [{ cidr: '10.50.0.0/27' }, { cidr: 'fd50::/64' }] });
  await eventually('the VNI', async () => (await world.readNetwork('contested')).status?.vni);
  const isEven = (pod: string): boolean => Number(pod.replace(/\D/g, '')) % 2 === 0;
  await rest(true);
  await startLeader('asleep-1', isEven);
  await startLeader('asleep-2', (pod) => !isEven(pod));
  const names = Array.from({ length: PODS }, (_, i) => `pod-${i}`);
  await apply(
    names.map((name) => boundPod({ name, node, networks: 'contested' })),
    namespace,
  );
  const ports = await eventually('every pod has its Port', async () => {
    const all = await world.ports();
    return all.length === PODS && all.every(isAccepted) ? all : undefined;
  });
  expect(new Set(ports.map((port) => port.spec.pod.name)).size).toBe(PODS);
  const addresses = ports.flatMap((port) => port.spec.addresses ?? []);
  expect(addresses).toHaveLength(2 * PODS);
  expect(new Set(addresses).size).toBe(2 * PODS);
  expect(new Set(ports.map((port) => port.spec.mac)).size).toBe(PODS);
  // Beside an operator that is awake, and judges first, the sleepers may never meet: nothing is proved of them then.
  if (mayRest) expect(lost, 'the operators never met').toBeGreaterThan(0);
});

test('a claim is Accepted, and deleted, only at the version that was judged', async () => {
  const transport = createTransport();
  const writer = new Writer({ transport, fieldManager: 'heddle-test' });
  stops.push(async () => transport.close());
  const [port] = await world.ports();
  const { name, uid, resourceVersion } = port!.metadata;
  await writer.patch({ resource: resources.ports, namespace, name }, { spec: { mtu: 1300 } });
  const judged = { namespace, name, uid, resourceVersion };
  const accepting = writer.applyStatus(resources.ports, { metadata: judged, status: { conditions: [] } });
  await expect(accepting).rejects.toSatisfy(isConflict);
  const deleting = writer.delete({ resource: resources.ports, namespace, name }, { uid, resourceVersion });
  await expect(deleting).rejects.toSatisfy(isConflict);
});
