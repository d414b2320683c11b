// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiError, isAlreadyExists, isConflict } from '../../../kube/api-error.ts';
import { NotLeaderError, Writer } from '../../../kube/apply.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { type ObjectRef, resources } from '../../../kube/resource.ts';
import { type ConfigMap, configMap, openWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld('heddle-writer');
});
afterAll(() => world.close());

function ref(name: string): ObjectRef {
  return { resource: resources.configMaps, namespace: world.namespace, name };
}

function map(name: string, data: Readonly<Record<string, string>>): ConfigMap {
  return { metadata: { namespace: world.namespace, name }, data };
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
}

test('apply creates and changes fields, and removes fields that it no longer sets, but no fields of other managers', async () => {
  const { writer, transport } = world;
  const made = await writer.apply(resources.configMaps, map('applied', { a: '1', b: '1' }));
  expect(made.metadata?.uid).toBeTruthy();
  const other = new Writer({ transport, fieldManager: 'someone-else' });
  await other.apply(resources.configMaps, map('applied', { theirs: 'x' }));
  const changed = await writer.apply(resources.configMaps, map('applied', { a: '2' }));
  expect(changed.data).toEqual({ a: '2', theirs: 'x' });
});

test('apply takes a field over that another manager holds', async () => {
  const other = new Writer({ transport: world.transport, fieldManager: 'someone-else' });
  await other.apply(resources.configMaps, map('forced', { a: 'theirs' }));
  const ours = await world.writer.apply(resources.configMaps, map('forced', { a: 'ours' }));
  expect(ours.data).toEqual({ a: 'ours' });
});

test('what is not there is read as undefined and deleted as false', async () => {
  expect(await world.writer.read(ref('absent'))).toBeUndefined();
  expect(await world.writer.delete(ref('absent'))).toBe(false);
});

test('create refuses what exists already', async () => {
  await world.writer.create(resources.configMaps, map('created', {}));
  const error = await failure(world.writer.create(resources.configMaps, map('created', {})));
  expect(isAlreadyExists(error)).toBe(true);
  expect(isConflict(error)).toBe(false);
});

test('a patch of an object that changed since is a conflict and changes nothing', async () => {
  const { writer } = world;
  const first = await writer.create<ConfigMap>(resources.configMaps, map('patched', { a: '1' }));
  const preconditions = { resourceVersion: first.metadata?.resourceVersion, uid: first.metadata?.uid };
  const second = await writer.patch<ConfigMap>(ref('patched'), { data: { a: '2' } }, { preconditions });
  expect(second.data).toEqual({ a: '2' });
  const error = await failure(writer.patch(ref('patched'), { data: { a: '3' } }, { preconditions }));
  expect(isConflict(error)).toBe(true);
  expect((await writer.read<ConfigMap>(ref('patched')))?.data).toEqual({ a: '2' });
});

test('replace with an old resourceVersion is a conflict', async () => {
  const first = await world.writer.create<ConfigMap>(resources.configMaps, map('replaced', { a: '1' }));
  await world.writer.replace(resources.configMaps, { ...first, data: { a: '2' } });
  const error = await failure(world.writer.replace(resources.configMaps, { ...first, data: { a: '3' } }));
  expect(isConflict(error)).toBe(true);
});

test('a delete meant for an object of the same name that was there before deletes nothing', async () => {
  const { writer } = world;
  const first = await writer.create(resources.configMaps, map('deleted', {}));
  await writer.delete(ref('deleted'));
  await writer.create(resources.configMaps, map('deleted', {}));
  const error = await failure(writer.delete(ref('deleted'), { uid: first.metadata?.uid }));
  expect(isConflict(error)).toBe(true);
  expect(await writer.read(ref('deleted'))).toBeDefined();
  expect(await writer.delete(ref('deleted'))).toBe(true);
});

interface Claim extends KubeObject {
  readonly spec: object;
  readonly status?: { readonly phase?: string; readonly conditions?: readonly object[] };
}

test('a status is written when it changed, and no request is made when it did not', async () => {
  const namespaces = resources.namespaces;
  // Namespaces have a status subresource in every cluster; a condition of our own disturbs nobody.
  const condition = {
    type: 'HeddleTest',
    status: 'True',
    lastTransitionTime: '2026-11-23T15:00:00Z',
    reason: 'Test',
    message: 'set by a test',
  };
  const current = (await world.writer.read<Claim>({ resource: namespaces, name: world.namespace }))!;
  const first = await world.writer.applyStatusIfChanged<Claim>(namespaces, current, {
    conditions: [condition],
  });
  expect(first.written).toBe(true);
  expect(first.object.status?.conditions).toEqual([condition]);
  const { phase: _, ...ours } = first.object.status!;
  const again = await world.writer.applyStatusIfChanged<Claim>(
    namespaces,
    { ...first.object, status: ours },
    ours,
  );
  expect(again.written).toBe(false);
});

test('a status meant for an object that was deleted is not given to its successor', async () => {
  const stranger = {
    metadata: { name: world.namespace, uid: '00000000-0000-0000-0000-000000000000' },
  } as Claim;
  const error = await failure(
    world.writer.applyStatusIfChanged<Claim>(resources.namespaces, stranger, { conditions: [] }),
  );
  expect(isConflict(error)).toBe(true);
});

test('a replica that does not lead writes nothing', async () => {
  let leads = true;
  const writer = new Writer({
    transport: world.transport,
    fieldManager: 'heddle-test',
    mayWrite: () => leads,
  });
  await writer.apply(resources.configMaps, configMap(world.namespace, 'led', '1'));
  leads = false;
  const error = await failure(writer.apply(resources.configMaps, configMap(world.namespace, 'led', '2')));
  expect(error).toBeInstanceOf(NotLeaderError);
  expect((await writer.read<ConfigMap>(ref('led')))?.data).toEqual({ value: '1' });
});

test('what the server refuses says why', async () => {
  const error = await failure(world.writer.create(resources.configMaps, map('Not_A_Name', {})));
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 422, reason: 'Invalid' });
  expect((error as ApiError).message).toContain('Not_A_Name');
});

test('a server that cannot be reached is an error with status 0 that names the request', async () => {
  const { createTransport } = await import('../../../kube/transport.ts');
  const { openWire } = await import('./world.ts');
  const wire = await openWire(world.config);
  const transport = createTransport({ config: wire.config });
  await wire.close();
  const error = await failure(transport.request('GET', '/version'));
  expect(error).toMatchObject({ status: 0, reason: 'Unreachable' });
  expect((error as Error).message).toContain('GET /version');
});

test('a request that was aborted ends with the reason of the abort', async () => {
  const stop = new AbortController();
  const running = failure(world.transport.request('GET', '/version', { signal: stop.signal }));
  stop.abort(new Error('enough'));
  expect(await running).toMatchObject({ message: 'enough' });
});
