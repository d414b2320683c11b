// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { functionLabelOf } from '../../../../../api/function-names.ts';
import type { Pod } from '../../../../../kube/slim.ts';
import { ofOwned, ofPods } from '../../../../../operator/controllers/workload/triggers.ts';
import { createStores } from '../../../../../operator/observe/observation.ts';
import { vpn } from '../../vpn-world.ts';

function pod(label: string, status: Partial<Pod['status']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'shop',
      name: 'gateway',
      uid: 'gateway',
      labels: { 'heddle.dev/function': label },
      annotations: {},
    },
    spec: { nodeName: 'one', hostNetwork: false },
    status: { phase: 'Running', podIPs: ['10.0.0.1'], ready: true, ...status },
  } as unknown as Pod;
}

describe('a change of a pod concerns', () => {
  const long = `branch-${'x'.repeat(80)}`;
  const stores = createStores();
  stores.vpns.set(vpn());
  stores.vpns.set({ ...vpn(), metadata: { ...vpn().metadata, name: long, uid: 'long' } });
  const trigger = ofPods('VPN', stores.vpns);

  test('the object that its label names, also when the name was too long for a label', () => {
    expect(trigger(undefined, pod('vpn.branch'))).toEqual(['shop/branch']);
    expect(trigger(undefined, pod(functionLabelOf('VPN', long)))).toEqual([`shop/${long}`]);
    expect(trigger(undefined, pod('firewall.branch'))).toEqual([]);
  });

  test('nobody when nothing of it changed that matters', () => {
    expect(trigger(pod('vpn.branch'), pod('vpn.branch'))).toEqual([]);
    expect(trigger(pod('vpn.branch'), pod('vpn.branch', { ready: false }))).toContain('shop/branch');
    expect(trigger(pod('vpn.branch'), undefined)).toEqual(['shop/branch']);
  });
});

test('what is owned concerns its owner of that kind, also when it is gone', () => {
  const owner = { apiVersion: 'heddle.dev/v1alpha1', kind: 'VPN', name: 'branch', uid: 'u' };
  const owned = { metadata: { namespace: 'shop', name: 'x', ownerReferences: [owner] } };
  expect(ofOwned('VPN')(undefined, owned)).toEqual(['shop/branch']);
  expect(ofOwned('VPN')(owned, undefined)).toEqual(['shop/branch']);
  expect(ofOwned('Firewall')(undefined, owned)).toEqual([]);
});
