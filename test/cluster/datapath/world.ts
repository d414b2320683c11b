// SPDX-License-Identifier: Apache-2.0
import type { Firewall, ServiceChain } from '../../../api/index.ts';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, get, kubectl, list, readTarget } from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';

const API = 'heddle.dev/v1alpha1';

/** Names of the nodes that run an agent, workers first. */
export async function agentNodes(): Promise<readonly string[]> {
  // Some reports are of nodes that other tests made.
  const agents = await list<{ readonly spec: { readonly nodeName: string } }>('pods', {
    namespace: readTarget().system,
    selector: 'app.kubernetes.io/component=agent',
  });
  return agents.map(({ spec }) => spec.nodeName).sort((a, b) => b.localeCompare(a));
}

export async function applyNetwork(namespace: string, name: string, spec: object): Promise<void> {
  await apply([{ apiVersion: API, kind: 'VirtualNetwork', metadata: { name }, spec }], namespace);
}

/** Applies a firewall on one node, and waits until it is ready. */
export async function applyFirewall(namespace: string, name: string, spec: object): Promise<void> {
  await apply([{ apiVersion: API, kind: 'Firewall', metadata: { name }, spec }], namespace);
}

export async function applyChain(namespace: string, name: string, spec: object): Promise<void> {
  await apply([{ apiVersion: API, kind: 'ServiceChain', metadata: { name }, spec }], namespace);
}

export async function firewallIsReady(namespace: string, name: string): Promise<Firewall> {
  await waitForCondition({ kind: 'firewall', name, namespace }, 'Programmed', { timeoutMs: 120_000 });
  await waitForCondition({ kind: 'firewall', name, namespace }, 'Ready', { timeoutMs: 120_000 });
  return get<Firewall>('firewall', name, namespace);
}

export async function chainIsReady(namespace: string, name: string): Promise<ServiceChain> {
  await waitForCondition({ kind: 'servicechain', name, namespace }, 'Programmed', { timeoutMs: 120_000 });
  await waitForCondition({ kind: 'servicechain', name, namespace }, 'Ready', { timeoutMs: 120_000 });
  return get<ServiceChain>('servicechain', name, namespace);
}

/** Deletes every agent, and returns when all have been replaced and are ready. */
export async function replaceAgents(): Promise<void> {
  const { system } = readTarget();
  const before = await agentPods();
  await kubectl(['-n', system, 'delete', 'pod', '-l', 'app.kubernetes.io/component=agent', '--wait=false']);
  await eventually(
    'all agents were replaced',
    async () => {
      const now = await agentPods();
      const fresh = now.filter(({ uid, ready }) => ready && !before.some((old) => old.uid === uid));
      return fresh.length === before.length;
    },
    { timeoutMs: 120_000 },
  );
}

interface AgentPod {
  readonly uid: string;
  readonly ready: boolean;
}

async function agentPods(): Promise<readonly AgentPod[]> {
  const pods = await list<{
    metadata: { uid: string };
    status: { containerStatuses?: readonly { ready: boolean }[] };
  }>('pods', { namespace: readTarget().system, selector: 'app.kubernetes.io/component=agent' });
  return pods.map(({ metadata, status }) => ({
    uid: metadata.uid,
    ready: status.containerStatuses?.every(({ ready }) => ready) ?? false,
  }));
}
