// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { findCondition, type WithConditions, waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, kubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';

// Refusals of function pods are told in conditions (security.md: tenant-runs-privileged).

const tolerations = [{ operator: 'Exists' }];
const limits = { cpu: '200m', memory: '128Mi' };
const image = 'localhost/heddle/base:dev';

function heddle(kind: string, name: string, spec: object): object {
  return { apiVersion: 'heddle.dev/v1alpha1', kind, metadata: { name }, spec };
}

const network = heddle('VirtualNetwork', 'shop', { subnets: [{ cidr: '10.20.0.0/16' }] });

type Workload = readonly [kind: string, object: object];

/** One object of each kind that runs pods, and the name that `kubectl` takes for the kind. */
function workloads(pod: object): readonly Workload[] {
  const listeners = [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }];
  const backends = { podSelector: { matchLabels: { app: 'web' } } };
  return [
    ['firewall', heddle('Firewall', 'one', { rules: [], pod })],
    ['loadbalancer', heddle('LoadBalancer', 'one', { network: 'shop', listeners, backends, pod })],
    ['customfunction', heddle('CustomFunction', 'one', { image, command: ['/bin/sleep', '600'], pod })],
    [
      'vpn',
      heddle('VPN', 'one', { network: 'shop', pool: ['10.99.0.0/24'], endpoint: 'vpn.test:51820', pod }),
    ],
  ];
}

/** Waits until both conditions say that the pods are refused; returns the message of Ready. */
async function refusalOf(kind: string, namespace: string): Promise<string> {
  const wanted = { status: 'False', reason: 'PodsRefused' } as const;
  const reference = { kind, name: 'one', namespace };
  const object = await waitForCondition<WithConditions>(reference, 'Programmed', wanted);
  expect(findCondition(object, 'Ready')?.reason).toBe('PodsRefused');
  return findCondition(object, 'Ready')?.message ?? '';
}

describe('in a namespace that enforces Pod Security baseline', () => {
  const namespace = useNamespace('refused-baseline');

  beforeAll(async () => {
    await kubectl(['label', 'ns', namespace, '--overwrite', 'pod-security.kubernetes.io/enforce=baseline']);
    await apply([network, ...workloads({}).map(([, object]) => object)], namespace);
  });

  test.each(workloads({}).map(([kind]) => kind))(
    'a %s says that its pods are refused, and why',
    async (kind) => {
      const message = await refusalOf(kind, namespace);
      expect(message).toContain('violates PodSecurity "baseline');
      expect(message).toContain('NET_ADMIN');
    },
  );
});

describe('in a namespace with a quota on limits', () => {
  const namespace = useNamespace('refused-quota');

  beforeAll(async () => {
    const hard = { 'limits.cpu': '8', 'limits.memory': '8Gi' };
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small' }, spec: { hard } };
    await apply([quota, network, ...workloads({ tolerations }).map(([, object]) => object)], namespace);
  });

  test('pods without limits are refused, and the quota’s words are in the conditions', async () => {
    for (const [kind] of workloads({})) {
      const message = await refusalOf(kind, namespace);
      expect(message).toMatch(/failed quota: small: must specify limits.cpu for: .*wait/);
      expect(message).toContain('spec.pod.resources');
    }
  });

  test('spec.pod.resources reach every container, so the pods run', async () => {
    const objects = workloads({ tolerations, resources: { limits } });
    await apply(
      objects.map(([, object]) => object),
      namespace,
    );
    // A balancer without backends is not Ready, but its instance has what it needs.
    for (const [kind] of objects)
      await waitForCondition({ kind, name: 'one', namespace }, 'Programmed', { timeoutMs: 60_000 });
  });
});

describe('a LimitRange, and a quota on objects', () => {
  const first = useNamespace('refused-limits');
  const second = useNamespace('refused-count');

  test('have their own message in the condition', async () => {
    const range = { limits: [{ type: 'Container', min: { cpu: '200m' } }] };
    const quota = { hard: { 'count/deployments.apps': '0', 'count/secrets': '0' } };
    const [[, firewall], , , [, vpn]] = workloads({}) as [Workload, Workload, Workload, Workload];
    const least = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'least' }, spec: range };
    const none = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none' }, spec: quota };
    await apply([least, firewall], first);
    await apply([none], second);
    await apply([network, firewall, vpn], second);
    expect(await refusalOf('firewall', first)).toContain('minimum cpu usage per Container is 200m');
    expect(await refusalOf('firewall', second)).toContain('exceeded quota: none');
    // A gateway's keys come before its pods.
    expect(await refusalOf('vpn', second)).toMatch(/secrets .* exceeded quota: none/);
  });
});
