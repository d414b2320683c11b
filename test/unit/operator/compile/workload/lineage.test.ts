// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { OwnerReference } from '../../../../../api/object-meta.ts';
import { judgeLineage } from '../../../../../operator/compile/workload/lineage.ts';

const workload = { kind: 'Firewall', namespace: 'shop', name: 'edge', uid: 'F' } as const;

interface Link {
  readonly metadata: { readonly uid: string; readonly ownerReferences: readonly OwnerReference[] };
}

function ref(kind: string, name: string, uid: string, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: 'apps/v1', kind, name, uid, controller: true, ...more };
}

function link(uid: string, ...ownerReferences: OwnerReference[]): Link {
  return { metadata: { uid, ownerReferences } };
}

const POD = link('P', ref('ReplicaSet', 'heddle-firewall-edge-5d', 'R'));
const SET = link('R', ref('Deployment', 'heddle-firewall-edge', 'D'));
const HEDDLE = { apiVersion: 'heddle.dev/v1alpha1' };
const DEPLOYMENT = link('D', ref('Firewall', 'edge', 'F', HEDDLE));

function judge({ pod = POD, set, deployment }: { pod?: Link; set?: Link; deployment?: Link } = {}) {
  return judgeLineage(pod, workload, {
    replicaSet: (name) => (name === 'heddle-firewall-edge-5d' ? set : undefined),
    deployment: (name) => (name === 'heddle-firewall-edge' ? deployment : undefined),
  });
}

describe('a pod is of a workload (security.md: tenant-forges-instance)', () => {
  test('when every link of its chain of controllers leads there', () => {
    expect(judge({ set: SET, deployment: DEPLOYMENT })).toBe('Ours');
  });

  const foreign: readonly [string, Parameters<typeof judge>[0]][] = [
    ['it has no owner', { pod: link('P'), set: SET, deployment: DEPLOYMENT }],
    ['something else made it', { pod: link('P', ref('StatefulSet', 'heddle-firewall-edge-5d', 'R')) }],
    [
      'its owner is not its controller',
      { pod: link('P', ref('ReplicaSet', 'heddle-firewall-edge-5d', 'R', { controller: false })) },
    ],
    ['its ReplicaSet has another Deployment', { set: link('R', ref('Deployment', 'evil', 'D')) }],
    [
      'its ReplicaSet has another controller',
      { set: link('R', ref('Rollout', 'heddle-firewall-edge', 'D')) },
    ],
    [
      'its Deployment has another owner',
      { set: SET, deployment: link('D', ref('Firewall', 'other', 'F', HEDDLE)) },
    ],
    [
      'its Deployment has an owner of another group',
      { set: SET, deployment: link('D', ref('Firewall', 'edge', 'F', { apiVersion: 'evil.dev/v1' })) },
    ],
  ];

  test.each(foreign)('never, when %s', (_what, world) => {
    expect(judge(world)).toBe('Foreign');
  });

  const unknown: readonly [string, Parameters<typeof judge>[0]][] = [
    ['its ReplicaSet is not there', { deployment: DEPLOYMENT }],
    ['its ReplicaSet was made again', { set: link('R2', ref('Deployment', 'heddle-firewall-edge', 'D')) }],
    ['its ReplicaSet was orphaned', { set: link('R') }],
    ['its Deployment is not there', { set: SET }],
    [
      'its Deployment was made again',
      { set: SET, deployment: link('D2', ref('Firewall', 'edge', 'F', HEDDLE)) },
    ],
    [
      'the function was made again',
      { set: SET, deployment: link('D', ref('Firewall', 'edge', 'F0', HEDDLE)) },
    ],
  ];

  test.each(unknown)('perhaps, when %s', (_what, world) => {
    expect(judge(world)).toBe('Unknown');
  });
});
