// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import type { Port } from '../../../api/index.ts';
import { apply, kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { usePhantomNode } from '../network/phantom-node.ts';
import { worldOf } from '../network/world.ts';
import { type Account, makeTenant, refusalOf } from './account.ts';

const node = usePhantomNode();
const namespace = useNamespace('forged');
const within = { namespace };
const labels = { 'heddle.dev/function': 'firewall.deny' };
const annotations = { 'heddle.dev/chain-interface': 'chain0' };
const restricted = {
  securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{ name: 'web', image: 'none.invalid/never-pulled' }],
};
const template = { metadata: { labels: { app: 'web', ...labels } }, spec: restricted };
const selected = { selector: { matchLabels: { app: 'web' } }, template };
const DEPLOYMENT = 'heddle-firewall-deny';
const ONLY_HEDDLE = /only Deployments of Heddle make instances and gateways/;
const ONLY_OPERATOR = /only the operator makes pods of functions and VPNs/;
const TEMPLATE = /the pod template of a function or a VPN is the operator's/;
let tenant: Account;
let instance: string;

function pod(name: string, metadata: object, spec: object = restricted): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec };
}

beforeAll(async () => {
  await apply(
    [
      {
        apiVersion: 'heddle.dev/v1alpha1',
        kind: 'Firewall',
        metadata: { name: 'deny' },
        spec: { pod: { nodeSelector: { 'heddle.dev/test': 'nowhere' } } },
      },
    ],
    namespace,
  );
  tenant = await makeTenant('tenant', namespace, ['edit']);
  instance = await eventually('the pod of the firewall', async () => {
    const [found] = await list('pods', { namespace, selector: 'heddle.dev/function=firewall.deny' });
    return found?.metadata.name;
  });
});

describe('a tenant who may create pods makes no instance (security.md: tenant-forges-instance)', () => {
  const pods: readonly [string, object][] = [
    ['by label and annotation', pod('forged', { labels, annotations })],
    ['by the annotation', pod('forged', { annotations })],
    ['by the label of a gateway', pod('forged', { labels: { 'heddle.dev/gateway': 'true' } })],
    ['with the account of a function', pod('forged', {}, { ...restricted, serviceAccountName: DEPLOYMENT })],
  ];
  test.each(pods)('of a pod, %s', async (_how, object) => {
    expect(refusalOf(await tenant.create(object, within))).toMatch(ONLY_HEDDLE);
  });

  const makers: readonly [string, object][] = [
    ['Deployment', { apiVersion: 'apps/v1', kind: 'Deployment', spec: selected }],
    ['ReplicaSet', { apiVersion: 'apps/v1', kind: 'ReplicaSet', spec: selected }],
    [
      'StatefulSet',
      { apiVersion: 'apps/v1', kind: 'StatefulSet', spec: { ...selected, serviceName: 'web' } },
    ],
    ['ReplicationController', { apiVersion: 'v1', kind: 'ReplicationController', spec: { template } }],
    [
      'Job',
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        spec: { template: { ...template, spec: { ...restricted, restartPolicy: 'Never' } } },
      },
    ],
    [
      'CronJob',
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        spec: {
          schedule: '* * * * *',
          jobTemplate: {
            spec: { template: { ...template, spec: { ...restricted, restartPolicy: 'Never' } } },
          },
        },
      },
    ],
  ];
  test.each(makers)('by a %s', async (_kind, object) => {
    const made = { metadata: { name: 'forged' }, ...object };
    expect(refusalOf(await tenant.create(made, within))).toMatch(ONLY_OPERATOR);
  });

  test('of a pod that runs', async () => {
    expect(refusalOf(await tenant.create(pod('plain', { labels: { app: 'web' } }), within))).toBe(
      'not refused',
    );
    const reply = await tenant.try(['label', 'pod', 'plain', 'heddle.dev/function=firewall.deny'], within);
    expect(refusalOf(reply)).toMatch(/stay as they are/);
  });
});

describe('a tenant does not get into an instance by the API', () => {
  test('by another image, in the pod and in its Deployment', async () => {
    const inPod = await tenant.try(['set', 'image', `pod/${instance}`, 'firewall=evil'], within);
    expect(refusalOf(inPod)).toMatch(/the images of an instance or a gateway stay as they are/);
    const inDeployment = ['set', 'image', `deployment/${DEPLOYMENT}`, 'firewall=evil'];
    expect(refusalOf(await tenant.try(inDeployment, within))).toMatch(TEMPLATE);
  });

  test('and restarts, scales and weighs it as before', async () => {
    const allowed = [
      ['rollout', 'restart', `deployment/${DEPLOYMENT}`],
      ['scale', `deployment/${DEPLOYMENT}`, '--replicas=1'],
      ['annotate', 'pod', instance, 'heddle.dev/weight=20'],
      ['label', 'pod', instance, 'team=web'],
    ];
    for (const args of allowed)
      expect(refusalOf(await tenant.try(args, within)), args.join(' ')).toBe('not refused');
  });
});

test('a pod that looks like an instance and that an admin made is none: no Port, and an Event says why', async () => {
  const bound = { ...restricted, nodeName: node, tolerations: [{ operator: 'Exists' }] };
  await apply([pod('by-admin', { labels, annotations }, bound)], namespace);
  const message = await worldOf(namespace, node).remark('by-admin', 'NotAnInstance');
  expect(message).toContain('no Deployment of Heddle made this pod');
  const ports = await list<Port>('ports.heddle.dev', { namespace });
  expect(ports.filter(({ spec }) => spec.pod.name === 'by-admin')).toEqual([]);
  await kubectl(['delete', 'pod', 'by-admin', '--wait=false'], within);
});
