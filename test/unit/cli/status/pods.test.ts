// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { selectWaiting, summarizeWarnings } from '../../../../cli/status/pods.ts';
import type { WirePod } from '../../../../kube/wire.ts';
import { port } from '../world.ts';

const CREATED = '2026-11-23T11:59:00Z';

function pod(
  name: string,
  changes: { readonly metadata?: object; readonly status?: object; readonly node?: string } = {},
): WirePod {
  const { node = 'one' } = changes;
  return {
    metadata: {
      namespace: 'shop',
      name,
      uid: name,
      creationTimestamp: CREATED,
      annotations: { 'k8s.v1.cni.cncf.io/networks': 'shop' },
      ...changes.metadata,
    },
    spec: node === '' ? {} : { nodeName: node },
    status: { phase: 'Pending', ...changes.status },
  };
}

test('pods wait that ask for networks, are on a node, have not ended and have no Port', () => {
  const pods = [
    pod('late'),
    pod('web'),
    pod('unscheduled', { node: '' }),
    pod('done', { status: { phase: 'Succeeded' } }),
    pod('failed', { status: { phase: 'Failed' } }),
    pod('going', { metadata: { deletionTimestamp: CREATED } }),
    pod('plain', { metadata: { annotations: {} } }),
    pod('beside', { metadata: { annotations: { 'k8s.v1.cni.cncf.io/networks': 'macvlan' } } }),
    pod('empty', { metadata: { annotations: { 'k8s.v1.cni.cncf.io/networks': ' ' } } }),
  ];
  const isOthers = (key: string) => key === 'shop/macvlan';
  expect(selectWaiting(pods, [port('web')], isOthers)).toEqual([
    { namespace: 'shop', name: 'late', uid: 'late', createdAt: CREATED },
  ]);
});

test('the reason is the newest warning of Heddle, not what the kubelet says after it', () => {
  const warning = (reason: string, lastTimestamp: string, reportingComponent: string) => ({
    reason,
    message: `${reason} it is`,
    lastTimestamp,
    reportingComponent,
  });
  const events = [
    warning('NetworkNotFound', '2026-11-23T11:00:00Z', 'heddle-operator'),
    warning('SubnetExhausted', '2026-11-23T11:30:00Z', 'heddle-operator'),
    warning('FailedCreatePodSandBox', '2026-11-23T11:59:00Z', 'kubelet'),
  ];
  expect(summarizeWarnings(events)).toBe('SubnetExhausted: SubnetExhausted it is');
  expect(summarizeWarnings(events.slice(2))).toBeUndefined();
});
