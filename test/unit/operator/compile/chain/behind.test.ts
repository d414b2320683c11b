// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { resolveBehind } from '../../../../../operator/compile/chain/behind.ts';
import type { Member } from '../../../../../operator/compile/chain/classifier.ts';
import type { BackendFacts, HopFacts } from '../../../../../operator/compile/chain/hops.ts';
import { packSlices } from '../../../../../operator/compile/chain/slices.ts';

const pod = (index: number, app: string, namespace = 'shop'): Member => ({
  port: `${namespace}/pod-${index}`,
  node: 'worker-1',
  addresses: [`10.20.0.${index}`],
  prefixes: [],
  namespace,
  podLabels: { app },
  namespaceLabels: {},
});
const members = [pod(1, 'web'), pod(2, 'client'), pod(3, 'web'), pod(4, 'web', 'other')];
const web = { podSelector: { matchLabels: { app: 'web' } } };

function hop(kind: 'Firewall' | 'LoadBalancer', backends?: BackendFacts): HopFacts {
  return {
    ref: { kind, name: 'edge', onFailure: 'Closed' },
    found: { desired: 1, judgesBeginnings: false, backends },
    instances: [],
  };
}
const behind = (...hops: readonly HopFacts[]) => resolveBehind(hops, { members, namespace: 'shop' });

describe('what is behind a chain', () => {
  test('is nothing of its own without a load balancer', () => {
    expect(behind(hop('Firewall'))).toBeUndefined();
  });

  test('are the pods that its load balancers select in their namespace, and the addresses that they list', () => {
    expect(
      behind(
        hop('Firewall'),
        hop('LoadBalancer', { selected: web, addresses: [] }),
        hop('LoadBalancer', { selected: undefined, addresses: ['10.20.0.9', 'fd20::9'] }),
      ),
    ).toEqual({
      any: false,
      cidrs: [{ cidr: '10.20.0.9/32' }, { cidr: 'fd20::9/128' }],
      addresses: ['10.20.0.1', '10.20.0.3'],
    });
  });

  test('is not known when the spec of a load balancer has faults', () => {
    expect(behind(hop('LoadBalancer'))).toBeUndefined();
  });

  test('is the same object for the same backends, so that slices are not packed anew', () => {
    const facts = { selected: web, addresses: [] };
    expect(behind(hop('LoadBalancer', facts))).toBe(behind(hop('LoadBalancer', { ...facts })));
  });

  test('is in the slices of the chain, within their capacity', () => {
    const none = { any: false, cidrs: [], addresses: [] };
    const many = Array.from({ length: 700 }, (_, index) => `10.21.${index >> 8}.${index & 255}`);
    const packed = packSlices({ from: none, to: none, behind: { ...none, addresses: many } }, []);
    expect(packed.map((slice) => slice.behind?.addresses.length)).toEqual([300, 300, 100]);
    expect(new Set(packed.flatMap((slice) => slice.behind?.addresses ?? []))).toEqual(new Set(many));
  });
});
