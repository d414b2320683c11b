// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { ApiError } from '../../../../kube/api-error.ts';
import type { Writer } from '../../../../kube/apply.ts';
import type { ObjectRef, Resource } from '../../../../kube/resource.ts';
import type { EndpointSlice } from '../../../../kube/wire.ts';
import { applyEndpointSlices } from '../../../../operator/apply/endpoint-slices.ts';

const labels = { 'app.kubernetes.io/component': 'names' };

function slice(name: string, addresses: readonly string[], metadata: object = {}): EndpointSlice {
  return {
    metadata: { namespace: 'shop', name, labels, ...metadata },
    addressType: 'IPv4',
    ports: [{ name: '', protocol: 'TCP', port: 80 }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  };
}

const seen = (name: string, addresses: readonly string[]) =>
  slice(name, addresses, { uid: `uid-${name}`, resourceVersion: '7' });

/** A writer before an API server on which these names are taken. */
function recorder(taken: readonly EndpointSlice[] = []) {
  const calls: string[] = [];
  const find = (name?: string) => taken.find(({ metadata }) => metadata?.name === name);
  const writer = {
    create: async (_: Resource, object: EndpointSlice) => {
      if (find(object.metadata?.name))
        throw new ApiError({ status: 409, reason: 'AlreadyExists', message: 'there' });
      calls.push(`create ${object.metadata?.name}`);
    },
    patch: async (ref: ObjectRef, patch: EndpointSlice, options: object) => {
      calls.push(`patch ${ref.name} ${patch.endpoints?.length} ${JSON.stringify(options)}`);
    },
    delete: async ({ name }: ObjectRef, options: object) => {
      calls.push(`delete ${name} ${JSON.stringify(options)}`);
    },
    readMetadata: async ({ name }: ObjectRef) => find(name),
  };
  return { calls, writer: writer as unknown as Writer };
}

test('only what differs is written, over the version that was read, and what is superfluous is deleted last', async () => {
  const { calls, writer } = recorder();
  const wanted = [slice('a', ['10.20.0.1']), slice('b', ['10.20.0.2']), slice('c', ['10.20.0.3'])];
  const stored = [seen('a', ['10.20.0.1']), seen('b', ['10.20.0.2', '10.20.0.9']), seen('d', ['10.20.0.4'])];
  expect(await applyEndpointSlices({ writer, wanted, stored })).toEqual({
    written: ['b', 'c', 'd'],
    taken: [],
  });
  expect(calls).toEqual([
    'patch b 1 {"preconditions":{"uid":"uid-b","resourceVersion":"7"}}',
    'create c',
    'delete d {"uid":"uid-d"}',
  ]);
});

test('a slice whose ports, labels or owner differ is written again', async () => {
  const { calls, writer } = recorder();
  const ports = [{ name: '', protocol: 'TCP', port: 81 }];
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'new', controller: true }];
  const stored = [
    seen('a', []),
    seen('b', []),
    { ...seen('c', []), metadata: { ...seen('c', []).metadata, labels: {} } },
  ];
  const wanted = [{ ...slice('a', []), ports }, slice('b', [], { ownerReferences }), slice('c', [])];
  expect((await applyEndpointSlices({ writer, wanted, stored })).written).toEqual(['a', 'b', 'c']);
  expect(calls.map((call) => call.slice(0, 7))).toEqual(['patch a', 'patch b', 'patch c']);
});

test('a slice of somebody else is never written over (security.md: names-aim-traffic)', async () => {
  const { calls, writer } = recorder([slice('a', [], { labels: {} })]);
  const wanted = [slice('a', ['10.20.0.1']), slice('b', ['10.20.0.2'])];
  expect(await applyEndpointSlices({ writer, wanted, stored: [] })).toEqual({ written: ['b'], taken: ['a'] });
  expect(calls).toEqual(['create b']);
});

test('one of ours that the watch has not shown yet makes the pass come again', async () => {
  const { writer } = recorder([slice('a', [])]);
  await expect(applyEndpointSlices({ writer, wanted: [slice('a', [])], stored: [] })).rejects.toThrow(
    'there',
  );
});
