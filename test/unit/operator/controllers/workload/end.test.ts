// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { functionLabelOf, objectNameOf } from '../../../../../api/function-names.ts';
import { slimNamespace, slimPod } from '../../../../../kube/slim.ts';
import {
  endingPodsOfNamespace,
  endingPodsOfPod,
  endingPodsOfWorkload,
  observeEnd,
} from '../../../../../operator/controllers/workload/end.ts';
import { createStores } from '../../../../../operator/observe/observation.ts';
import { vpn } from '../../vpn-world.ts';

const DELETED = '2026-11-30T12:00:00Z';
const long = `branch-${'x'.repeat(80)}`;
const ours = vpn();
const longOne = { ...ours, metadata: { ...ours.metadata, name: long, uid: 'long' } };

function podOf(name: string, workload?: string, deletionTimestamp?: string) {
  if (workload === undefined) return slimPod({ metadata: { name, namespace: 'shop', uid: name } });
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: `${objectNameOf('VPN', workload)}-6d4f`,
    uid: 'r',
  };
  const labels = { 'heddle.dev/function': functionLabelOf('VPN', workload) };
  return slimPod({
    metadata: { name, namespace: 'shop', uid: name, labels, ownerReferences: [set], deletionTimestamp },
  });
}

function deploymentOf(workload: typeof ours, owned = true) {
  const { name, uid = '' } = workload.metadata;
  const owner = { apiVersion: 'heddle.dev/v1alpha1', kind: 'VPN', name, uid };
  return {
    metadata: { name: objectNameOf('VPN', name), namespace: 'shop', ownerReferences: owned ? [owner] : [] },
  };
}

function world() {
  const stores = createStores();
  stores.namespaces.set(slimNamespace({ metadata: { name: 'shop', uid: 'shop' } }));
  for (const each of [ours, longOne]) {
    stores.vpns.set(each);
    stores.deployments.set(deploymentOf(each));
  }
  for (const pod of [podOf('a', 'branch'), podOf('b', long), podOf('web')]) stores.pods.set(pod);
  return stores;
}
const endsIn = (stores: ReturnType<typeof world>, pod = podOf('a', 'branch')) => observeEnd(stores, pod).ends;
const withMetadata = (metadata: object) => ({ ...ours, metadata: { ...ours.metadata, ...metadata } });

test('a pod runs on while its workload does, also one with a long name', () => {
  const stores = world();
  expect(endsIn(stores)).toBe(false);
  expect(endsIn(stores, podOf('b', long))).toBe(false);
  expect(endsIn(stores, podOf('web'))).toBe(false);
  expect(endsIn(stores, podOf('a', 'branch', DELETED))).toBe(false);
});

test('it ends when its workload is deleted, or gone, or another of the same name', () => {
  const stores = world();
  stores.vpns.set(withMetadata({ deletionTimestamp: DELETED, finalizers: ['foregroundDeletion'] }));
  expect(endsIn(stores)).toBe(true);
  stores.vpns.set(withMetadata({ uid: 'another' }));
  expect(endsIn(stores)).toBe(true);
  stores.vpns.delete('shop/branch');
  expect(endsIn(stores)).toBe(true);
});

test('it runs on when its workload is deleted without what it owns', () => {
  const stores = world();
  stores.vpns.set(withMetadata({ deletionTimestamp: DELETED, finalizers: ['orphan'] }));
  expect(endsIn(stores)).toBe(false);
  stores.deployments.set(deploymentOf(ours, false));
  stores.vpns.delete('shop/branch');
  expect(endsIn(stores)).toBe(false);
});

test('without its Deployment it drains while the workload is there, and ends when that is gone too', () => {
  const stores = world();
  stores.deployments.delete('shop/heddle-vpn-branch');
  expect(endsIn(stores, podOf('a', 'branch', DELETED))).toBe(false);
  stores.vpns.delete('shop/branch');
  expect(endsIn(stores, podOf('a', 'branch', DELETED))).toBe(true);
  expect(endsIn(stores)).toBe(false);
});

test('it ends with its namespace', () => {
  const stores = world();
  const namespace = { metadata: { name: 'shop', uid: 'shop', deletionTimestamp: DELETED } };
  stores.namespaces.set(slimNamespace(namespace));
  expect(endsIn(stores)).toBe(true);
});

test('the pods of workloads are looked at when they, their workload or their namespace change', () => {
  const stores = world();
  expect(endingPodsOfPod(undefined, podOf('a', 'branch'))).toEqual(['shop/a']);
  expect(endingPodsOfPod(undefined, podOf('web'))).toEqual([]);
  expect(endingPodsOfPod(podOf('a', 'branch'), undefined)).toEqual([]);
  expect(endingPodsOfWorkload(stores, 'VPN', { namespace: 'shop', name: 'branch' })).toEqual(['shop/a']);
  const ends = slimNamespace({ metadata: { name: 'shop', deletionTimestamp: DELETED } });
  const stays = slimNamespace({ metadata: { name: 'shop' } });
  expect([...endingPodsOfNamespace(stores, stays, ends)].sort()).toEqual(['shop/a', 'shop/b']);
  expect(endingPodsOfNamespace(stores, ends, ends)).toEqual([]);
  expect(endingPodsOfNamespace(stores, undefined, stays)).toEqual([]);
});
