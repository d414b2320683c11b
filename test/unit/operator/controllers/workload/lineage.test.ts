// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { observePods } from '../../../../../operator/controllers/workload/pods.ts';
import { makeFirewall, makeInstance, makePod, makeStores, planFor, settle } from '../../world.ts';

const edge = { kind: 'Firewall', namespace: 'shop', name: 'edge', uid: 'uid-edge' } as const;
const labelled = makePod('web-1', {
  labels: { 'heddle.dev/function': 'firewall.edge' },
  annotations: { 'heddle.dev/chain-interface': 'chain0' },
});

describe('the pods of a workload', () => {
  test('are those that its Deployment made: a label alone is asked for no report', () => {
    const stores = makeStores();
    stores.pods.set(labelled);
    expect(observePods(stores, edge)).toEqual([]);
    const genuine = makeInstance(stores, edge, makePod('edge-1', { labels: labelled.metadata.labels }));
    stores.pods.set(genuine);
    expect(observePods(stores, edge)).toEqual([genuine]);
  });

  test('stay its pods while they drain after their ReplicaSet was deleted, if they were judged before', () => {
    const stores = makeStores();
    stores.firewalls.set(makeFirewall());
    const genuine = makeInstance(stores, edge, labelled);
    stores.pods.set(genuine);
    settle(stores, planFor(stores, genuine));
    stores.replicaSets.delete('shop/heddle-firewall-edge-5d');
    expect(observePods(stores, edge)).toEqual([genuine]);
    for (const port of [...stores.ports.keys()]) stores.ports.delete(port);
    expect(observePods(stores, edge)).toEqual([]);
  });
});
