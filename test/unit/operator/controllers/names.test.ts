// SPDX-License-Identifier: Apache-2.0
import { expect, onTestFinished, test } from 'vitest';
import type { Writer } from '../../../../kube/apply.ts';
import { createLogger } from '../../../../kube/base/log.ts';
import type { EventRecorder } from '../../../../kube/events.ts';
import type { ObjectRef, Resource } from '../../../../kube/resource.ts';
import type { EndpointSlice } from '../../../../kube/wire.ts';
import { createNamesController } from '../../../../operator/controllers/names.ts';
import { FakeClock, settle } from '../../kube/base/fake-clock.ts';
import { addPod, makeNamesStores, namedService } from '../names-world.ts';

/** The controller before an API server whose watch the test delivers. */
function world() {
  const stores = makeNamesStores();
  const clock = new FakeClock();
  const slices = new Map<string, EndpointSlice>();
  const waiting: (() => void)[] = [];
  const calls: string[] = [];
  const reasons: string[] = [];
  let version = 1;
  const put = (name: string, slice: EndpointSlice): void => {
    version += 1;
    const metadata = { ...slice.metadata, name, uid: `uid-${name}`, resourceVersion: String(version) };
    const stored = { ...slice, metadata };
    slices.set(name, stored);
    waiting.push(() => stores.endpointSlices.set(stored));
  };
  const writer = {
    create: async (_: Resource, slice: EndpointSlice) => {
      calls.push(`create ${slice.metadata?.name}`);
      put(slice.metadata?.name ?? '', slice);
    },
    patch: async ({ name }: ObjectRef, patch: EndpointSlice) => {
      calls.push(`patch ${name}`);
      const before = slices.get(name);
      put(name, { ...before, ...patch, metadata: { ...before?.metadata, ...patch.metadata } });
    },
    delete: async ({ name }: ObjectRef) => {
      calls.push(`delete ${name}`);
      slices.delete(name);
      waiting.push(() => stores.endpointSlices.delete(`shop/${name}`));
    },
  } as unknown as Writer;
  const events = {
    record: ({ reason }: { readonly reason: string }) => reasons.push(reason),
  } as unknown as EventRecorder;
  const log = createLogger({ name: 'test', level: 'silent' });
  const random = () => 0.5;
  const controller = createNamesController({
    stores,
    writer,
    events,
    clock,
    random,
    clusterRanges: [],
    controller: { log, clock, random },
  });
  const stop = new AbortController();
  const running = controller.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  return {
    stores,
    reasons,
    addresses: () =>
      [...slices.values()].map(({ endpoints }) => endpoints?.map((endpoint) => endpoint.addresses[0])),
    /** The calls since the last time. */
    calls: () => calls.splice(0),
    pass: async (ms = 200): Promise<void> => {
      await settle();
      await clock.advance(ms);
    },
    deliver: (): void => {
      for (const each of waiting.splice(0)) each();
    },
  };
}

test('a pass does not decide before the store shows what the last one has written', async () => {
  const { stores, calls, addresses, pass, deliver } = world();
  stores.namedServices.set(namedService());
  addPod(stores, 'b', ['10.20.0.2']);
  await pass();
  expect(calls()).toEqual(['create heddle-service-web-ipv4-0']);
  addPod(stores, 'a', ['10.20.0.1']);
  await pass();
  // Deciding now would make the slice again, or move what it has.
  expect(calls()).toEqual([]);
  deliver();
  await pass();
  expect(calls()).toEqual(['patch heddle-service-web-ipv4-0']);
  expect(addresses()).toEqual([['10.20.0.2', '10.20.0.1']]);
  deliver();
  await pass();
  expect(calls()).toEqual([]);
});

test('a hundred pods that come together are written once', async () => {
  const { stores, calls, pass, deliver } = world();
  stores.namedServices.set(namedService());
  await pass();
  for (let at = 1; at <= 100; at++) addPod(stores, `pod-${at}`, [`10.20.0.${at}`]);
  await pass();
  deliver();
  await pass();
  expect(calls()).toEqual(['create heddle-service-web-ipv4-0']);
});

test('names go with the annotations, with a fault, and not with an object of the same label', async () => {
  const { stores, calls, reasons, pass, deliver } = world();
  stores.endpointSlices.set({
    metadata: {
      name: 'mine',
      namespace: 'shop',
      uid: 'mine',
      labels: { 'app.kubernetes.io/name': 'heddle', 'kubernetes.io/service-name': 'web' },
    },
  });
  stores.namedServices.set(namedService());
  addPod(stores, 'a', ['10.20.0.1']);
  await pass();
  deliver();
  calls();
  stores.namedServices.set(namedService({ spec: { selector: { app: 'web' } } }));
  await pass();
  deliver();
  expect(calls()).toEqual(['delete heddle-service-web-ipv4-0']);
  expect(new Set(reasons)).toEqual(new Set(['InvalidSpec']));
  stores.namedServices.set(namedService());
  await pass();
  deliver();
  expect(calls()).toEqual(['create heddle-service-web-ipv4-0']);
  stores.namedServices.delete('shop/web');
  await pass();
  deliver();
  expect(calls()).toEqual(['delete heddle-service-web-ipv4-0']);
});

test('slices that lost their Service while no operator ran are deleted at the start', async () => {
  const { stores, calls, pass } = world();
  const labels = {
    'app.kubernetes.io/component': 'names',
    'endpointslice.kubernetes.io/managed-by': 'heddle-operator',
    'kubernetes.io/service-name': 'web',
  };
  const name = 'heddle-service-web-ipv4-0';
  stores.endpointSlices.set({ metadata: { name, namespace: 'shop', uid: 'x', labels } });
  await pass();
  expect(calls()).toEqual([`delete ${name}`]);
});

test('nothing is made for a Service or a namespace that is being deleted', async () => {
  const { stores, calls, pass } = world();
  addPod(stores, 'a', ['10.20.0.1']);
  stores.namedServices.set(namedService({ metadata: { deletionTimestamp: '2026-12-01T00:00:00Z' } }));
  await pass();
  expect(calls()).toEqual([]);
});
