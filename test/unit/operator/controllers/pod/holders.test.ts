// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../../../operator/observe/stores.ts';
import { controllerRef, makeNetwork, makePod, makeStores, planFor, settle } from '../../world.ts';

const FIXED = [{ name: 'net', ips: ['10.20.0.9'] }];

/** A pod that a ReplicaSet made, as the controller of Deployments names it. */
function ofDeployment(name: string, deployment: string, hash: string): Pod {
  const pod = makePod(name, { networks: FIXED, labels: { 'pod-template-hash': hash } });
  const ownerReferences = [controllerRef('ReplicaSet', `${deployment}-${hash}`)];
  return { ...pod, metadata: { ...pod.metadata, ownerReferences } };
}

function worldWith(holder: Pod, networks = [makeNetwork('net')]) {
  const stores = makeStores(networks);
  stores.pods.set(holder);
  settle(stores, planFor(stores, holder));
  return stores;
}

describe('a pod that is created again', () => {
  const before = makePod('web-0', { networks: FIXED });
  const after: Pod = { ...before, metadata: { ...before.metadata, uid: 'uid-of-the-next' } };

  test('waits without a word for the address of its predecessor, and then gets it', () => {
    const stores = worldWith(before);
    stores.pods.set(after);
    expect(planFor(stores, after)).toMatchObject({ create: [], remarks: [], waitsFor: ['shop/net'] });
    for (const port of [...stores.ports.values()]) {
      stores.ports.delete(`${port.metadata.namespace}/${port.metadata.name}`);
    }
    expect(planFor(stores, after).create[0]?.port.spec.addresses).toEqual(['10.20.0.9']);
  });

  test('is not told that a subnet is full which its predecessor is leaving', () => {
    const tiny = makeNetwork('net', { spec: { subnets: [{ cidr: '10.20.0.0/32' }] } });
    const stores = worldWith(makePod('web-0', { networks: 'net' }), [tiny]);
    const next = makePod('web-0', { networks: 'net' });
    const pod = { ...next, metadata: { ...next.metadata, uid: 'uid-of-the-next' } };
    stores.pods.set(pod);
    expect(planFor(stores, pod)).toMatchObject({ create: [], remarks: [], waitsFor: ['shop/net'] });
    const other = makePod('other', { networks: 'net' });
    const full = worldWith(makePod('web-0', { networks: 'net' }), [tiny]);
    expect(planFor(full, other).remarks).toMatchObject([{ reason: 'SubnetExhausted' }]);
  });
});

test('a pod that asks for the address of one that is ending is told so, without a warning', () => {
  const holder = makePod('old', { networks: FIXED });
  const stores = worldWith(holder);
  stores.pods.set({
    ...holder,
    metadata: { ...holder.metadata, deletionTimestamp: '2026-11-23T16:00:00Z' },
  });
  expect(planFor(stores, makePod('new', { networks: FIXED }))).toMatchObject({
    create: [],
    remarks: [{ type: 'Normal', reason: 'AddressAwaited', message: expect.stringContaining('is ending') }],
    waitsFor: ['shop/net'],
  });
});

describe('a fixed address in a pod template', () => {
  test('which a rolling update cannot hand over: the Event says Recreate', () => {
    const stores = worldWith(ofDeployment('web-1-a', 'web', '6d4'));
    const [remark] = planFor(stores, ofDeployment('web-2-b', 'web', '7f9')).remarks;
    expect(remark).toMatchObject({ type: 'Warning', reason: 'AddressInUse' });
    expect(remark?.message).toContain(
      'of an earlier pod of Deployment web, which a rolling update ends only when this pod is ready; set spec.strategy.type: Recreate',
    );
  });

  test('which replicas cannot share: the Event says replicas: 1', () => {
    const stores = worldWith(ofDeployment('web-a', 'web', '6d4'));
    const [remark] = planFor(stores, ofDeployment('web-b', 'web', '6d4')).remarks;
    expect(remark?.message).toContain(
      'of another pod of Deployment web; an address or a MAC in a pod template',
    );
  });

  test('of two Deployments is no matter of a strategy', () => {
    const stores = worldWith(ofDeployment('web-a', 'web', '6d4'));
    const [remark] = planFor(stores, ofDeployment('api-b', 'api', '6d4')).remarks;
    expect(remark?.message).toContain('ask for another, or remove the pod of that Port');
  });
});

test('a pod whose Port was deleted by hand gets the same addresses of both families, if they are free', () => {
  const dual = makeNetwork('net', { spec: { subnets: [{ cidr: '10.20.0.0/24' }, { cidr: 'fd20::/64' }] } });
  const status = [{ name: 'shop/net', interface: 'net1', ips: ['10.20.0.44', 'fd20::44'] }];
  const annotations = { 'k8s.v1.cni.cncf.io/network-status': JSON.stringify(status) };
  const stores = makeStores([dual]);
  const again = makePod('web', { networks: 'net', annotations });
  expect(planFor(stores, again).create[0]?.port.spec.addresses).toEqual(['10.20.0.44', 'fd20::44']);
  const moved = makePod('moved', { networks: 'net@net2', annotations });
  expect(planFor(stores, moved).create[0]?.port.spec.addresses).toEqual(['10.20.0.1', 'fd20::1']);
  const holder = makePod('holder', { networks: [{ name: 'net', ips: ['fd20::44'] }] });
  stores.pods.set(holder);
  settle(stores, planFor(stores, holder));
  expect(planFor(stores, again).create[0]?.port.spec.addresses).toEqual(['10.20.0.44', 'fd20::45']);
});
