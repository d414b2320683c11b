// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { LoadBalancer, LoadBalancerSpec } from '../../../../api/index.ts';
import type { SelectedPods } from '../../../../api/selected-pods.ts';
import type { Plan } from '../../../../functions/loadbalancer/balancer.ts';
import type { ChecksWay, OutsideWay } from '../../../../functions/loadbalancer/picture.ts';
import { planFor } from '../../../../functions/loadbalancer/plan.ts';

const WAY: ChecksWay = { mark: 0xa000_0063, ports: { first: 61_000, last: 61_003 } };
const OUTSIDE: OutsideWay = { entries: [], ports: { first: 1024, last: 4991 }, mtu: 1450 };
const HTTP = {
  http: { path: '/live', expectedStatus: '200-204' },
  intervalMs: 500,
  healthyAfter: 2,
  unhealthyAfter: 3,
} as unknown as NonNullable<LoadBalancerSpec['healthCheck']>;

function balancer(change: Partial<LoadBalancerSpec> = {}, addresses: readonly string[] = ['10.20.0.100']) {
  return {
    metadata: { namespace: 'shop', name: 'web', uid: 'u' },
    spec: {
      network: 'net',
      replicas: 1,
      drainSeconds: 30,
      algorithm: 'Maglev',
      affinity: 'None',
      listeners: [
        { name: 'web', protocol: 'TCP', port: 80, targetPort: 8080 },
        { name: 'dns', protocol: 'UDP', port: 53 },
      ],
      backends: { podSelector: {} },
      ...change,
    },
    status: { addresses },
  } as unknown as LoadBalancer;
}
const selectedPods: SelectedPods = {
  paths: [],
  selectors: {},
  backends: [
    { address: '10.20.0.5', pod: 'shop/a', weight: 100 },
    { address: 'fd20::5', pod: 'shop/a', weight: 100, draining: true },
  ],
};

const make = (object: LoadBalancer, more: Partial<Parameters<typeof planFor>[1]> = {}) =>
  planFor(object, { selectedPods, way: WAY, ...more });
const plan = (...of: Parameters<typeof make>): Plan => {
  const made = make(...of);
  if ('field' in made) throw new Error(made.message);
  return made;
};

describe('what a load balancer still lacks', () => {
  test.each([
    ['the operator’s list of pods', balancer(), { selectedPods: undefined }, 'spec.backends.podSelector'],
    ['a path for its health checks', balancer({ healthCheck: HTTP }), { way: undefined }, 'spec.healthCheck'],
    ['an address', balancer({}, []), {}, 'spec.addresses'],
  ])('is told by field: %s', (_what, object, more, field) => {
    expect(make(object, more)).toMatchObject({ field });
  });

  test('is no path when it checks nobody', () => {
    expect(make(balancer(), { way: undefined })).not.toHaveProperty('field');
  });
});

describe('the plan of a load balancer', () => {
  test('has its listeners, with the port itself where no other is named', () => {
    expect(plan(balancer()).picture.listeners).toEqual([
      { name: 'web', protocol: 'tcp', port: 80, targetPort: 8080 },
      { name: 'dns', protocol: 'udp', port: 53, targetPort: 53 },
    ]);
  });

  test('has the backends of the families in which it has an address, those that drain too', () => {
    expect(plan(balancer()).backends.map(({ address }) => address)).toEqual(['10.20.0.5']);
    const both = plan(balancer({}, ['10.20.0.100', 'fd20::100']));
    expect(both.picture.addresses).toEqual({ 4: '10.20.0.100', 6: 'fd20::100' });
    expect(both.backends.map(({ address, draining }) => [address, draining])).toEqual([
      ['10.20.0.5', false],
      ['fd20::5', true],
    ]);
  });

  test('lets flows of a removed address drain, and those of a pod that is gone not', () => {
    expect(plan(balancer())).toMatchObject({ outlives: false, drainMs: 30_000 });
    const backends = { addresses: [{ address: '10.20.0.9', weight: 100 }] };
    expect(plan(balancer({ backends }), { selectedPods: undefined }).outlives).toBe(true);
  });

  test('resets the flows of an unhealthy backend unless it is told to keep them', () => {
    expect(plan(balancer()).onUnhealthy).toBe('Reset');
    expect(plan(balancer({ onUnhealthy: 'Keep' })).onUnhealthy).toBe('Keep');
  });

  test('remembers clients only with affinity, for three hours unless it says otherwise', () => {
    const seconds = (change: Partial<LoadBalancerSpec>) => plan(balancer(change)).picture.affinitySeconds;
    expect(seconds({ affinitySeconds: 60 })).toBeUndefined();
    expect(seconds({ affinity: 'ClientIP' })).toBe(10_800);
    expect(seconds({ affinity: 'ClientIP', affinitySeconds: 60 })).toBe(60);
  });

  test('lets clients outside in only when it is exposed', () => {
    const expose = { type: 'NodePort' } as unknown as LoadBalancerSpec['expose'];
    expect(plan(balancer(), { outside: OUTSIDE }).picture.outside).toBeUndefined();
    expect(plan(balancer({ expose }), { outside: OUTSIDE }).picture.outside).toBe(OUTSIDE);
    expect(plan(balancer({ expose })).picture.outside).toBeUndefined();
  });

  test('has one seed for all instances, and another for another load balancer', () => {
    const { seed } = plan(balancer()).picture;
    expect(plan(balancer({ replicas: 9, drainSeconds: 0 })).picture.seed).toBe(seed);
    const other = balancer();
    expect(plan({ ...other, metadata: { ...other.metadata, name: 'api' } }).picture.seed).not.toBe(seed);
  });
});

describe('the health checks of a plan', () => {
  const checks = (change: object = {}, way = WAY) =>
    plan(balancer({ healthCheck: { ...HTTP, ...change } as typeof HTTP }), { way }).checks;

  test('are none without `healthCheck`, and as the spec says with it', () => {
    expect(plan(balancer()).checks).toBeUndefined();
    expect(checks()).toMatchObject({ intervalMs: 500, healthyAfter: 2, unhealthyAfter: 3 });
  });

  test('begin anew only when what they ask, or how they travel, changes', () => {
    const { key } = checks()!;
    expect(checks({ healthyAfter: 5, unhealthyAfter: 5 })!.key).toBe(key);
    const others = [
      checks({ http: { path: '/other', expectedStatus: '200-204' } }),
      checks({ http: { path: '/live', expectedStatus: '200' } }),
      checks({ http: undefined, tcp: {} }),
      checks({ intervalMs: 600 }),
      checks({ timeoutMs: 20 }),
      checks({ http: { path: '/live', expectedStatus: '200-204', port: 99 } }),
      checks({}, { ...WAY, mark: 0xa000_0064 }),
      checks({}, { ...WAY, ports: { first: 61_004, last: 61_007 } }),
    ].map((each) => each!.key);
    expect(new Set([key, ...others]).size).toBe(others.length + 1);
  });
});
