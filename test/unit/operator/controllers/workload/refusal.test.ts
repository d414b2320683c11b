// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { ownerOf } from '../../../../../operator/compile/workload/types.ts';
import { observeRefusal, ofRefusals } from '../../../../../operator/controllers/workload/refusal.ts';
import { createStores, type WritableStores } from '../../../../../operator/observe/observation.ts';
import type { Deployment } from '../../../../../operator/observe/stores.ts';
import { vpn } from '../../vpn-world.ts';

const owner = ownerOf(vpn());

function deployment(message: string | undefined, uid = owner.uid): Deployment {
  const failure = { type: 'ReplicaFailure', status: 'True', message };
  return {
    metadata: {
      namespace: 'shop',
      name: 'heddle-vpn-branch',
      ownerReferences: [{ apiVersion: 'heddle.dev/v1alpha1', kind: 'VPN', name: 'branch', uid }],
    },
    status: {
      conditions: [
        { type: 'Available', status: 'False', message: 'no' },
        ...(message === undefined ? [] : [failure]),
      ],
    },
  };
}

function storesWith(stored: Deployment): WritableStores {
  const stores = createStores();
  stores.deployments.set(stored);
  return stores;
}

describe('the refusal of pods', () => {
  test('is what the Deployment tells of', () => {
    expect(observeRefusal(storesWith(deployment('over quota')), owner, undefined)).toBe('over quota');
    expect(observeRefusal(storesWith(deployment(undefined)), owner, undefined)).toBe(undefined);
    expect(observeRefusal(createStores(), owner, undefined)).toBe(undefined);
  });

  test('is the API server’s answer when it refuses the Deployment itself', () => {
    expect(observeRefusal(storesWith(deployment('over quota')), owner, 'no Deployments')).toBe(
      'no Deployments',
    );
  });

  test('is not that of somebody else’s Deployment of this name', () => {
    expect(observeRefusal(storesWith(deployment('over quota', 'other')), owner, undefined)).toBe(undefined);
  });

  test('concerns its workload when it begins, changes and ends, and only then', () => {
    const trigger = ofRefusals('VPN');
    const [none, one, two] = [undefined, 'one', 'two'].map((message) => deployment(message));
    expect(trigger(none, one)).toEqual(['shop/branch']);
    expect(trigger(one, two)).toEqual(['shop/branch']);
    expect(trigger(two, none)).toEqual(['shop/branch']);
    expect(trigger(one, one)).toEqual([]);
    expect(trigger(undefined, none)).toEqual([]);
    expect(ofRefusals('Firewall')(none, one)).toEqual([]);
  });
});
