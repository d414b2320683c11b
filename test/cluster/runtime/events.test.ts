// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Writer } from '../../../kube/apply.ts';
import type { EventObject } from '../../../kube/event-series.ts';
import { type EventNote, EventRecorder } from '../../../kube/events.ts';
import { listAll } from '../../../kube/list.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { collectionPath, resources } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport.ts';
import { FakeClock } from '../../unit/kube/base/fake-clock.ts';
import { configMap, log, openWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld('heddle-events');
});
afterAll(() => world.close());

async function eventsOf(name: string): Promise<readonly EventObject[]> {
  const { objects } = await listAll(world.transport, collectionPath(resources.events, world.namespace), {
    query: { fieldSelector: `involvedObject.name=${name}` },
    pageSize: 500,
    transform: (object) => object as unknown as EventObject,
  });
  return objects;
}

function setUp(transport: Transport = world.transport) {
  const clock = new FakeClock();
  let requests = 0;
  const counted: Transport = {
    ...transport,
    request: (method, path, options) => {
      requests += 1;
      return transport.request(method, path, options);
    },
  };
  const writer = new Writer({ transport: counted, fieldManager: 'heddle-test' });
  const reporter = { component: 'heddle-operator', instance: 'pod-1' };
  return { clock, requests: () => requests, recorder: new EventRecorder({ writer, reporter, log, clock }) };
}

async function subject(name: string): Promise<KubeObject> {
  return world.writer.create(resources.configMaps, configMap(world.namespace, name, 'x'));
}

function note(object: KubeObject, message: string): EventNote {
  return { object, type: 'Warning', reason: 'SubnetExhausted', message };
}

test('the same note is one Event that counts; it is written now and then, not each time', async () => {
  const object = await subject('counted');
  const { clock, requests, recorder } = setUp();
  for (let i = 0; i < 30; i += 1) {
    recorder.record(note(object, 'no address left'));
    await recorder.settled();
    await clock.advance(1000);
  }
  await recorder.flush();
  const events = await eventsOf('counted');
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    type: 'Warning',
    reason: 'SubnetExhausted',
    message: 'no address left',
    count: 30,
    involvedObject: { kind: 'ConfigMap', uid: object.metadata?.uid },
    source: { component: 'heddle-operator' },
  });
  expect(requests()).toBe(4);
});

test('after ten quiet minutes the same note is a new Event', async () => {
  const object = await subject('quiet');
  const { clock, recorder } = setUp();
  recorder.record(note(object, 'no address left'));
  await recorder.settled();
  await clock.advance(10 * 60_000);
  recorder.record(note(object, 'no address left'));
  await recorder.settled();
  expect((await eventsOf('quiet')).map(({ count }) => count)).toEqual([1, 1]);
});

test('one object with ever new notes may not flood the cluster, and others still get theirs', async () => {
  const loud = await subject('loud');
  const calm = await subject('calm');
  const { recorder } = setUp();
  for (let i = 0; i < 100; i += 1) recorder.record(note(loud, `problem ${i}`));
  recorder.record(note(calm, 'one problem'));
  await recorder.settled();
  expect(await eventsOf('loud')).toHaveLength(25);
  expect(await eventsOf('calm')).toHaveLength(1);
});

test('who records does not wait, and an API that refuses disturbs nobody', async () => {
  const { recorder } = setUp({
    ...world.transport,
    request: () => Promise.reject(new Error('the API is away')),
  });
  recorder.record(note({ kind: 'Pod', metadata: { name: 'x', namespace: world.namespace } }, 'lost'));
  await recorder.settled();
});
