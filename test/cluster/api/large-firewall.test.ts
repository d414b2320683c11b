// SPDX-License-Identifier: Apache-2.0
import { afterAll, expect, test } from 'vitest';
import type { FirewallRule, FirewallSpec } from '../../../api/index.ts';
import { ApiError } from '../../../kube/api-error.ts';
import type { RequestOptions } from '../../../kube/transport.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { type Manifest, openApiServer } from './manifests.ts';

const namespace = useNamespace('large-firewall');
const server = openApiServer(namespace);
afterAll(() => server.release());

function firewall(name: string, spec: Partial<FirewallSpec>): Manifest {
  return { apiVersion: 'heddle.dev/v1alpha1', kind: 'Firewall', metadata: { name }, spec };
}

function rules(count: number, rule: (index: number) => Partial<FirewallRule>): FirewallRule[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `rule-${index}`,
    action: 'Accept',
    ...rule(index),
  }));
}

const simple = rules(10_000, (index) => ({
  protocol: 'TCP',
  source: { cidrs: [`10.${index >> 8}.${index & 255}.0/24`] },
  destinationPorts: [443],
}));

/** The API server gives a request 34 s and no more, which a machine that does much else may not suffice for. */
async function patiently<T>(request: () => Promise<T>): Promise<T> {
  for (let left = 4; ; left -= 1) {
    try {
      return await request();
    } catch (error) {
      if (left === 0 || !(error instanceof ApiError) || error.status !== 504) throw error;
    }
  }
}

/**
 * Stored once, without instances, and then changed by dry runs: the API server takes seconds for each write of it, also for
 * those that the operator would make for instances.
 */
test('a firewall of 10,000 simple rules is stored, and can be scaled and given a status', async () => {
  const path = `/apis/heddle.dev/v1alpha1/namespaces/${namespace}/firewalls/large`;
  const patch = (body: unknown, subresource = '', how: Partial<RequestOptions> = {}) =>
    patiently(() =>
      server.transport.request<{ spec: { replicas: number; rules: unknown[] } }>(
        'PATCH',
        `${path}${subresource}`,
        {
          body,
          contentType: 'application/merge-patch+json',
          query: { dryRun: 'All' },
          timeoutMs: 60_000,
          ...how,
        },
      ),
    );
  const stored = await patch(firewall('large', { replicas: 0, rules: simple }), '', {
    contentType: 'application/apply-patch+yaml',
    query: { fieldManager: 'heddle-test' },
  });
  expect(stored.spec.rules).toHaveLength(10_000);
  const hit = simple.slice(0, 1000).map(({ name }) => ({ name, packets: 123_456, bytes: 123_456_789 }));
  const [scaled] = await Promise.all([
    patch({ spec: { replicas: 3 } }, '/scale'),
    patch({ status: { rules: hit } }, '/status'),
  ]);
  expect(scaled.spec.replicas).toBe(3);
}, 600_000);

test('10,000 rules that each name one of 64 sets are within the budget of CEL', async () => {
  const sets = Array.from({ length: 64 }, (_, index) => ({ name: `set-${index}`, cidrs: ['10.0.0.0/8'] }));
  const named = rules(10_000, (index) => ({ source: { set: `set-${index % 64}` } }));
  expect(await patiently(() => server.tryCreate(firewall('sets', { rules: named, sets })))).toBeUndefined();
});

test('4,000 rules with every part that CEL looks at are within its budget', async () => {
  const busy = rules(4000, (index) => ({
    protocol: 'TCP',
    source: { cidrs: Array.from({ length: 8 }, (_, n) => `10.${n}.${index & 255}.0/24`) },
    destinationPorts: ['1000-2000', '3000-4000'],
  }));
  expect(await patiently(() => server.tryCreate(firewall('busy', { rules: busy })))).toBeUndefined();
});

test('of 1,000 rules one name that stands twice is found and named', async () => {
  const repeated = [...simple.slice(0, 999), { ...simple[0]!, name: 'rule-77' }];
  const refusal = await patiently(() => server.tryCreate(firewall('repeated', { rules: repeated })));
  expect(refusal?.message).toContain('key rule-77 already exists');
});

test('10,001 rules are too many', async () => {
  const refusal = await patiently(() =>
    server.tryCreate(firewall('more', { rules: rules(10_001, () => ({})) })),
  );
  expect(refusal?.message).toContain('spec.rules: Too many: 10001: must have at most 10000 items');
});
