// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { ApiError } from '../../../../../kube/api-error.ts';
import type { Writer } from '../../../../../kube/apply.ts';
import type { KubeObject } from '../../../../../kube/object.ts';
import { Ensurer } from '../../../../../operator/apply/ensure.ts';
import { compileGateways } from '../../../../../operator/compile/vpn/deployment.ts';
import { ownerOf } from '../../../../../operator/compile/workload/types.ts';
import { ensurePods } from '../../../../../operator/controllers/workload/ensure-pods.ts';
import { refusalOf } from '../../../../../operator/controllers/workload/refusal.ts';
import { createStores } from '../../../../../operator/observe/observation.ts';
import { FakeClock } from '../../../kube/base/fake-clock.ts';
import { vpn } from '../../vpn-world.ts';

/** Applies a gateway's objects against an API server that refuses those of one kind. */
async function ensure(refused?: { readonly kind: string; readonly error: ApiError }, there?: KubeObject) {
  const done: string[] = [];
  const writer = {
    create: async (_: unknown, object: KubeObject) => {
      if (there) throw new ApiError({ status: 409, reason: 'AlreadyExists', message: 'it exists' });
      done.push(object.kind ?? '');
      return object;
    },
    read: async () => there,
    patch: async () => {
      done.push('labels');
    },
    apply: async (_: unknown, object: KubeObject) => {
      if (object.kind === refused?.kind) throw refused?.error;
      done.push(object.kind ?? '');
      return object;
    },
  } as unknown as Writer;
  const ensurer = new Ensurer({ writer, clock: new FakeClock() });
  const pods = compileGateways(vpn(), 'vpn:1');
  const refusal = await refusalOf(() =>
    ensurePods({ stores: createStores(), writer, ensurer, owner: ownerOf(vpn()), pods }),
  );
  return { refusal, done };
}

test('the account, its rights and the key of reports come before the pods', async () => {
  const done = ['ServiceAccount', 'Role', 'RoleBinding', 'Secret', 'Deployment'];
  expect(await ensure()).toEqual({ refusal: undefined, done });
});

test.each([
  [403, 'exceeded quota: small, requested: count/deployments.apps=1'],
  [422, 'ValidatingAdmissionPolicy denied request'],
  [500, 'failed calling webhook "x.y": connection refused'],
])('a Deployment that is refused (%i) is told of in the API server’s words', async (status, message) => {
  const error = new ApiError({ status, reason: 'Refused', message });
  expect((await ensure({ kind: 'Deployment', error })).refusal).toBe(message);
});

test('an API server that is away is no refusal', async () => {
  const error = new ApiError({ status: 500, reason: 'InternalError', message: 'etcd is away' });
  await expect(ensure({ kind: 'Role', error })).rejects.toThrow('etcd is away');
});

test('a key that the watch does not show stays, and gets its labels again', async () => {
  const ownerReferences = [
    { apiVersion: 'heddle.dev/v1alpha1', kind: 'VPN', name: 'x', uid: vpn().metadata.uid },
  ];
  const there = { kind: 'Secret', metadata: { ownerReferences } } as KubeObject;
  const { refusal, done } = await ensure(undefined, there);
  expect({ refusal, done: done.slice(-2) }).toEqual({ refusal: undefined, done: ['labels', 'Deployment'] });
});

test('a Secret of somebody else in place of the key is told of, and no pod gets it', async () => {
  const { refusal, done } = await ensure(undefined, { kind: 'Secret', metadata: {} });
  expect(refusal).toContain('is not of this VPN: rename or delete it');
  expect(done).not.toContain('Deployment');
});
