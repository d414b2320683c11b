// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { slimMetadataOnly, slimNode, slimPod } from '../../../kube/slim.ts';

test('of a pod only what Heddle reads is kept', () => {
  const wire = {
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'u1',
      resourceVersion: '5',
      labels: { app: 'web' },
      annotations: {
        'k8s.v1.cni.cncf.io/networks': 'shop',
        'heddle.dev/weight': '3',
        'kubectl.kubernetes.io/last-applied-configuration': 'long',
      },
      deletionTimestamp: '2026-11-23T15:00:00Z',
      deletionGracePeriodSeconds: 630,
    },
    spec: { nodeName: 'worker-1', containers: [{ name: 'web', image: 'web' }] },
    status: {
      phase: 'Running' as const,
      podIPs: [{ ip: '10.244.1.5' }, { ip: 'fd00::5' }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
  expect(slimPod(wire)).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'u1',
      resourceVersion: '5',
      creationTimestamp: undefined,
      deletionTimestamp: '2026-11-23T15:00:00Z',
      deletionGracePeriodSeconds: 630,
      labels: { app: 'web' },
      annotations: { 'k8s.v1.cni.cncf.io/networks': 'shop', 'heddle.dev/weight': '3' },
      ownerReferences: [],
    },
    spec: { nodeName: 'worker-1', hostNetwork: false },
    status: { phase: 'Running', podIPs: ['10.244.1.5', 'fd00::5'], ready: true },
  });
});

test.each([
  ['is being made', 'PodInitializing', undefined],
  ['cannot be pulled', 'ImagePullBackOff', 'container function: ImagePullBackOff (no such image)'],
])('of a container that %s the trouble is kept, if it is one', (_what, reason, trouble) => {
  const state = { waiting: { reason, message: 'no such image' } };
  const { status } = slimPod({
    metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
    status: {
      phase: 'Pending',
      initContainerStatuses: [{ name: 'wait', state: {} }],
      containerStatuses: [
        { name: 'heddle', state: {} },
        { name: 'function', state },
      ],
    },
  });
  expect(status.trouble).toBe(trouble);
});

test('a pod that is neither scheduled nor running says so', () => {
  const pod = slimPod({ metadata: { name: 'web', namespace: 'shop', uid: 'u1' } });
  expect(pod.spec).toEqual({ nodeName: undefined, hostNetwork: false });
  expect(pod.status).toEqual({ phase: 'Pending', podIPs: [], ready: false });
});

test('of the addresses of a node the internal ones are kept, of both families', () => {
  const node = slimNode({
    metadata: { name: 'worker-1', uid: 'n1' },
    status: {
      addresses: [
        { type: 'InternalIP', address: '172.18.0.3' },
        { type: 'InternalIP', address: 'fc00::3' },
        { type: 'Hostname', address: 'worker-1' },
      ],
      conditions: [{ type: 'Ready', status: 'Unknown' }],
    },
  });
  expect(node.status).toEqual({ internalIPs: ['172.18.0.3', 'fc00::3'], ready: false });
});

test('of an object of which only the version counts nothing else is kept', () => {
  const slim = slimMetadataOnly({ metadata: { namespace: 'a', name: 'b', uid: 'c', labels: { x: 'y' } } });
  expect(slim.metadata).toEqual({ namespace: 'a', name: 'b', uid: 'c', resourceVersion: undefined });
});
