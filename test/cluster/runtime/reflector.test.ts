// SPDX-License-Identifier: Apache-2.0
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Reflector, type ReflectorOptions } from '../../../kube/reflector.ts';
import { type Resource, resources } from '../../../kube/resource.ts';
import { type Change, Store } from '../../../kube/store.ts';
import { createTransport, type Query, type Transport, type WatchOptions } from '../../../kube/transport.ts';
import {
  type ConfigMap,
  configMap,
  eventually,
  log,
  openWire,
  openWorld,
  openYoungKind,
  type World,
} from './world.ts';

const CONFIG_MAPS: Resource = resources.configMaps;
let world: World;
const cleanups: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  world = await openWorld('heddle-reflector');
});
afterAll(() => world.close());
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Watched {
  readonly store: Store<ConfigMap>;
  readonly changes: Change<ConfigMap>[];
  readonly ended: string[];
  readonly reflector: Reflector<ConfigMap>;
}

function observe(label: string, options: Partial<ReflectorOptions<ConfigMap>> = {}): Watched {
  const store = new Store<ConfigMap>({ name: label });
  const changes: Change<ConfigMap>[] = [];
  const ended: string[] = [];
  store.subscribe((change) => changes.push(change));
  const stop = new AbortController();
  const reflector = new Reflector<ConfigMap>({
    transport: world.transport,
    resource: resources.configMaps,
    namespace: world.namespace,
    labelSelector: `test=${label}`,
    store,
    log,
    backoff: { firstMs: 50, maxMs: 500 },
    metrics: {
      listed: () => ended.push('listed'),
      watchEnded: (_, reason) => ended.push(reason),
      event: () => {},
    },
    ...options,
  });
  const running = reflector.run(stop.signal);
  cleanups.push(async () => {
    stop.abort();
    await running;
  });
  return { store, changes, ended, reflector };
}

function write(label: string, name: string, value: string, resource = CONFIG_MAPS): Promise<ConfigMap> {
  return world.writer.apply(resource, configMap(world.namespace, name, value, { test: label }));
}

function remove(name: string, resource = CONFIG_MAPS): Promise<boolean> {
  return world.writer.delete({ resource, namespace: world.namespace, name });
}

async function youngKind(): Promise<Resource> {
  const { resource, close } = await openYoungKind(world);
  cleanups.push(close);
  return resource;
}

function key(name: string): string {
  return `${world.namespace}/${name}`;
}

/** Changes what a reflector asks the server, on its way. */
function altered(transport: Transport, alter: (query: Query, nth: number) => Query): Transport {
  let watches = 0;
  return {
    ...transport,
    watch: (path: string, options: WatchOptions) => {
      watches += 1;
      return transport.watch(path, { ...options, query: alter(options.query ?? {}, watches) });
    },
  };
}

const pagedOnly: (transport: Transport) => Transport = (transport) =>
  altered(transport, (query) =>
    // What a server without streamed lists answers 422 to, a server with them does for a value it does not know.
    query.sendInitialEvents ? { ...query, resourceVersionMatch: 'Unknown' } : query,
  );

test('what is there at the start, and each change after, is in the store', async () => {
  await write('basic', 'basic-a', '1');
  const { store, changes, reflector } = observe('basic');
  await reflector.synced;
  expect([...store.keys()]).toEqual([key('basic-a')]);
  await write('basic', 'basic-b', '1');
  await write('basic', 'basic-a', '2');
  await remove('basic-b');
  await eventually('four changes', () => changes.length === 4);
  expect(changes.map(({ kind, key: at }) => `${kind} ${at.split('/')[1]}`)).toEqual([
    'Added basic-a',
    'Added basic-b',
    'Updated basic-a',
    'Deleted basic-b',
  ]);
  expect(store.get(key('basic-a'))).toMatchObject({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    data: { value: '2' },
  });
  expect(store.get(key('basic-a'))?.metadata).not.toHaveProperty('managedFields');
});

test('a connection that is cut mid-watch loses no event and costs no new list', async () => {
  const wire = await openWire(world.config);
  const transport = createTransport({ config: wire.config });
  cleanups.push(() => transport.close(), wire.close);
  const { store, changes, ended, reflector } = observe('cut', { transport });
  await reflector.synced;
  await write('cut', 'cut-a', '1');
  await eventually('first object', () => store.size === 1);
  for (let round = 0; round < 5; round += 1) {
    wire.refuse();
    wire.cut();
    await write('cut', `cut-${round}`, '1');
    await remove('cut-a');
    await write('cut', 'cut-a', String(round));
    wire.heal();
    await eventually(`round ${round}`, () => store.get(key('cut-a'))?.data?.value === String(round));
  }
  expect(store.size).toBe(6);
  expect(ended.filter((what) => what !== 'Lost' && what !== 'Unreachable')).toEqual(['listed']);
  expect(ended.filter((what) => what === 'Lost').length).toBeGreaterThanOrEqual(5);
  expect(changes.filter(({ kind, key: at }) => kind === 'Deleted' && at === key('cut-a'))).toHaveLength(5);
});

test('a connection that stays open without data is closed, and the watch continues from the last resourceVersion', async () => {
  const wire = await openWire(world.config);
  const transport = createTransport({ config: wire.config });
  cleanups.push(() => transport.close(), wire.close);
  const { store, ended, reflector } = observe('deaf', { transport, stallMs: 1500 });
  await reflector.synced;
  wire.deafen();
  await write('deaf', 'deaf-a', '1');
  await eventually('object after the stall', () => store.has(key('deaf-a')));
  expect(ended).toContain('Stalled');
  expect(ended.filter((what) => what === 'listed')).toHaveLength(1);
});

test('an expired resourceVersion causes one new list, and listeners get no events for unchanged objects', async () => {
  const resource = await youngKind();
  await write('gone', 'gone-a', '1', resource);
  await write('gone', 'gone-b', '1', resource);
  // The second watch goes on from a version that the server forgot long ago.
  const transport = altered(world.transport, (query, nth) =>
    nth === 1 ? { ...query, timeoutSeconds: 2 } : nth === 2 ? { ...query, resourceVersion: '1' } : query,
  );
  const { store, changes, ended, reflector } = observe('gone', { transport, resource });
  await reflector.synced;
  expect(store.size).toBe(2);
  await eventually('second list', () => ended.filter((what) => what === 'listed').length === 2);
  expect(ended).toContain('Expired');
  await write('gone', 'gone-b', '2', resource);
  await eventually('event after the list', () => store.get(key('gone-b'))?.data?.value === '2');
  expect(changes.map(({ kind }) => kind)).toEqual(['Added', 'Added', 'Updated']);
});

test('an object that was deleted and made anew while nobody watched is a delete, then an add, after a new list', async () => {
  const resource = await youngKind();
  await write('anew', 'anew-a', 'old', resource);
  await write('anew', 'anew-b', 'vanishes', resource);
  const wire = await openWire(world.config);
  const direct = createTransport({ config: wire.config });
  cleanups.push(() => direct.close(), wire.close);
  let forgotten = false;
  const transport = altered(direct, (query) =>
    forgotten && !query.sendInitialEvents ? { ...query, resourceVersion: '1' } : query,
  );
  const { store, changes, reflector } = observe('anew', { transport, resource });
  await reflector.synced;
  forgotten = true;
  wire.refuse();
  wire.cut();
  await remove('anew-a', resource);
  await write('anew', 'anew-a', 'new', resource);
  await remove('anew-b', resource);
  changes.length = 0;
  wire.heal();
  await eventually('three changes', () => changes.length === 3);
  expect(changes.map(({ kind, key: at }) => `${kind} ${at.split('/')[1]}`)).toEqual([
    'Deleted anew-b',
    'Deleted anew-a',
    'Added anew-a',
  ]);
  expect(store.get(key('anew-a'))?.data?.value).toBe('new');
});

test('a server that expires every watch and ends every list well is asked ever less often', async () => {
  const resource = await youngKind();
  const transport = altered(pagedOnly(world.transport), (query) =>
    query.sendInitialEvents ? query : { ...query, resourceVersion: '1' },
  );
  const expiredAt: number[] = [];
  observe('always', {
    transport,
    resource,
    metrics: {
      listed: () => {},
      watchEnded: (_, reason) => reason === 'Expired' && expiredAt.push(performance.now()),
      event: () => {},
    },
  });
  await eventually('seven failures', () => expiredAt.length >= 7);
  const gaps = expiredAt.slice(1).map((at, i) => at - expiredAt[i]!);
  // The first list comes at once, then waits of 100, 200, 400, 500, 500 ms, less a jitter of at most a half.
  for (const [i, least] of [0, 50, 100, 200, 250, 250].entries())
    expect(gaps[i]).toBeGreaterThanOrEqual(least - 5);
});

test('a server that ends every watch at once is asked ever less often', async () => {
  await write('short', 'short-a', '1');
  let watches = 0;
  const transport: Transport = {
    ...world.transport,
    watch: (path, options) => {
      watches += 1;
      if (options.query?.sendInitialEvents) {
        return world.transport.watch(path, { ...options, query: { ...options.query, timeoutSeconds: 1 } });
      }
      return Promise.resolve();
    },
  };
  const { store, reflector, ended } = observe('short', { transport });
  await reflector.synced;
  await eventually('a failure', () => ended.includes('Lost'));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(store.size).toBe(1);
  expect(watches).toBeLessThanOrEqual(14);
});

test('a server that cannot stream lists is read page by page, 2,000 objects in four pages', async () => {
  const names = Array.from({ length: 2000 }, (_, i) => `many-${i}`);
  for (let i = 0; i < names.length; i += 50) {
    await Promise.all(names.slice(i, i + 50).map((name) => write('many', name, 'x')));
  }
  let pages = 0;
  const paged = pagedOnly(world.transport);
  const transport: Transport = {
    ...paged,
    request: (method, path, options) => {
      pages += 1;
      return paged.request(method, path, options);
    },
  };
  const { store, reflector } = observe('many', { transport });
  await reflector.synced;
  expect(store.size).toBe(2000);
  // One more, an empty one, when other objects of the namespace come after these.
  expect(pages).toBeGreaterThanOrEqual(4);
  expect(pages).toBeLessThanOrEqual(5);
  await remove('many-7');
  await eventually('a delete after the paged list', () => store.size === 1999);

  const streamed = observe('many');
  await streamed.reflector.synced;
  expect(streamed.store.size).toBe(1999);
}, 120_000);

test('metadata-only watches carry no data', async () => {
  await write('meta', 'meta-a', 'large');
  for (const transport of [world.transport, pagedOnly(world.transport)]) {
    const { store, reflector } = observe('meta', { metadataOnly: true, transport });
    await reflector.synced;
    expect(store.get(key('meta-a'))?.metadata?.uid).toBeTruthy();
    expect(store.get(key('meta-a'))?.data).toBeUndefined();
  }
});

test('a watch that may not be opened is tried again for ever and hurts nobody', async () => {
  const transport = altered(world.transport, (query) => query);
  const { reflector, ended } = observe('absent', {
    transport,
    resource: { ...resources.ports, plural: 'nosuchthings' },
  });
  await eventually('three attempts', () => ended.filter((what) => what === 'NotFound').length >= 3);
  expect(reflector.hasSynced).toBe(false);
});
