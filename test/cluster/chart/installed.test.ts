// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { chartFolder, helm, release } from '../../../tools/cluster/helm.ts';
import { type KubeObject, list, readTarget, tryKubectl } from '../../../tools/cluster/kubectl.ts';

interface Pod extends KubeObject {
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly securityContext?: {
        readonly privileged?: boolean;
        readonly runAsNonRoot?: boolean;
        readonly readOnlyRootFilesystem?: boolean;
        readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
      };
    }[];
  };
}

function podsOf(component: string): Promise<readonly Pod[]> {
  const selector = `app.kubernetes.io/name=heddle,app.kubernetes.io/component=${component}`;
  return list<Pod>('pods', { namespace: readTarget().system, selector });
}

async function may(account: string, verb: string, resource: string): Promise<boolean> {
  const { system } = readTarget();
  const as = `--as=system:serviceaccount:${system}:${account}`;
  const reply = await tryKubectl(['auth', 'can-i', verb, resource, as, '--all-namespaces']);
  return reply.stdout.trim() === 'yes';
}

it('helm test passes', async () => {
  await helm(['test', release, '--timeout', '2m']);
});

it('monitors are refused in words where the cluster lacks their kinds', async (context) => {
  const there = await tryKubectl(['get', 'crd', 'podmonitors.monitoring.coreos.com']);
  if (there.code === 0) context.skip('this cluster has the Prometheus Operator');
  const asked = ['--reset-then-reuse-values', '--set', 'metrics.podMonitor.enabled=true'];
  await expect(helm(['upgrade', release, chartFolder, '--dry-run=server', ...asked])).rejects.toThrow(
    'metrics.podMonitor.enabled: this cluster has no kind PodMonitor (monitoring.coreos.com/v1). Install',
  );
});

it('an agent runs on every node, unprivileged', async () => {
  const [nodes, agents] = await Promise.all([list('nodes'), podsOf('agent')]);
  expect(agents).toHaveLength(nodes.length);
  for (const agent of agents) {
    const context = agent.spec.containers[0]?.securityContext;
    expect(context?.privileged).toBe(false);
    expect(context?.capabilities?.drop).toEqual(['ALL']);
    expect(context?.readOnlyRootFilesystem).toBe(true);
  }
});

it('the operator runs without any capability', async () => {
  for (const operator of await podsOf('operator')) {
    const context = operator.spec.containers[0]?.securityContext;
    expect(context?.runAsNonRoot).toBe(true);
    expect(context?.capabilities).toEqual({ drop: ['ALL'] });
  }
});

it('operator and agents may do no more than their work', async () => {
  const forbidden = [
    ['delete', 'secrets'],
    ['create', 'pods'],
    ['create', 'pods/exec'],
    ['delete', 'nodes'],
    ['create', 'clusterrolebindings'],
    ['escalate', 'roles'],
    ['delete', 'virtualnetworks.heddle.dev'],
  ] as const;
  for (const [verb, resource] of forbidden) {
    expect(await may('heddle-operator', verb, resource), `operator: ${verb} ${resource}`).toBe(false);
    expect(await may('heddle-agent', verb, resource), `agent: ${verb} ${resource}`).toBe(false);
  }
  // Keys of VPNs and of their peers: the operator makes them, in any namespace (docs/vpn.md).
  expect(await may('heddle-operator', 'get', 'secrets')).toBe(true);
  expect(await may('heddle-agent', 'get', 'secrets')).toBe(false);
  expect(await may('heddle-agent', 'create', 'ports.heddle.dev')).toBe(false);
  expect(await may('heddle-agent', 'list', 'pods')).toBe(false);
  expect(await may('heddle-operator', 'list', 'pods')).toBe(true);
});
