// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { LoadBalancerSpec } from '../../../../api/index.ts';
import type { SelectedPods } from '../../../../api/selected-pods.ts';
import { resolveBackends } from '../../../../functions/loadbalancer/backends.ts';

const specOf = (backends: object) => ({ backends }) as LoadBalancerSpec;
const selecting = specOf({ podSelector: {} });
const file = (more: Partial<SelectedPods>): SelectedPods => ({ paths: [], selectors: {}, ...more });
const PLAIN = { pod: undefined, weight: 100, draining: false, unready: false, unknown: false };

describe('the backends of a load balancer', () => {
  test('by selector are the pods that the operator lists, with their weight and what they drain for', () => {
    const backends = [
      { address: '10.20.0.7', pod: 'shop/c', weight: 0, draining: true },
      { address: '10.20.0.5', pod: 'shop/a', weight: 20 },
      { address: '10.20.0.6', pod: 'shop/b', weight: 100, draining: true, unready: true },
    ];
    expect(resolveBackends(selecting, file({ backends }))).toEqual([
      { ...PLAIN, address: '10.20.0.5', family: 4, pod: 'shop/a', weight: 20 },
      { ...PLAIN, address: '10.20.0.6', family: 4, pod: 'shop/b', draining: true, unready: true },
      { ...PLAIN, address: '10.20.0.7', family: 4, pod: 'shop/c', weight: 0, draining: true },
    ]);
  });

  test('by selector are not known before the operator has listed them; a list of nobody is known', () => {
    expect(resolveBackends(selecting, undefined)).toBeUndefined();
    expect(resolveBackends(selecting, file({}))).toBeUndefined();
    expect(resolveBackends(selecting, file({ backends: [] }))).toEqual([]);
  });

  test('by address are those of the spec, whatever the operator lists; addresses that no Port has are marked', () => {
    const spec = specOf({ addresses: [{ address: '10.20.0.9', weight: 7 }, { address: 'fd20::9' }] });
    const listed = [{ address: '10.20.0.5', pod: 'shop/a', weight: 100 }];
    expect(resolveBackends(spec, file({ backends: listed, unknown: ['fd20::9'] }))).toEqual([
      { ...PLAIN, address: '10.20.0.9', family: 4, weight: 7 },
      { ...PLAIN, address: 'fd20::9', family: 6, unknown: true },
    ]);
    expect(resolveBackends(spec, undefined)).toHaveLength(2);
  });

  test('are each one address: another spelling of it is the same backend, and the last one counts', () => {
    const addresses = [
      { address: 'fd20:0::9', weight: 1 },
      { address: 'fd20::9', weight: 2 },
    ];
    expect(resolveBackends(specOf({ addresses }), undefined)).toEqual([
      { ...PLAIN, address: 'fd20::9', family: 6, weight: 2 },
    ]);
  });
});
