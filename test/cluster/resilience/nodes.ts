// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestOptions } from 'vitest';
import { get, kubectl, list, readTarget, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { detectEngine, type Engine } from '../../../tools/kind/engine/detect.ts';
import { connectPods, parseNodes } from '../../../tools/kind/network.ts';
import { createShell } from '../../../tools/kind/shell.ts';
import { skipWhere } from '../../support/needs.ts';

/** Only parts of a cluster that we made may be stopped: its nodes are containers of this machine. */
export const isOurs = process.env.HEDDLE_TEST_OWN_CLUSTER === '1';

/** Options of tests that stop parts of a cluster. */
export function onlyOurs(): TestOptions {
  return skipWhere(isOurs ? undefined : 'stops parts of the cluster, and this one is somebody’s');
}

const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const ASIDE = '/root/kube-apiserver.yaml';

async function engine(): Promise<Engine> {
  const found = await detectEngine(createShell());
  if (!found) throw new Error('no container engine answers');
  return found;
}

/** Runs a program in a node's container. */
export async function onNode(node: string, command: readonly string[]): Promise<string> {
  const { kind, env } = await engine();
  return createShell().run(kind, ['exec', node, ...command], { env, timeoutMs: 60_000 });
}

/**
 * Restarts a node with everything on it. The routes between the nodes belong to the local cluster and are lost, and the
 * engine may assign another address, so the routes are made again, as the daemon of a real network would.
 */
export async function rebootNode(node: string): Promise<void> {
  const { kind, env } = await engine();
  await createShell().run(kind, ['restart', '--time', '0', node], { env, timeoutMs: 120_000 });
  await connectNodes(node);
}

async function connectNodes(rebooted: string): Promise<void> {
  const own = await engine();
  const nodes = await eventually(
    'the rebooted node reports the address that it has',
    async () => {
      const address = await onNode(rebooted, [
        'sh',
        '-c',
        "ip -4 -o addr show eth0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/'",
      ]);
      const known = parseNodes(await kubectl(['get', 'nodes', '-o', 'json']));
      return known.find(({ name }) => name === rebooted)?.addresses.includes(address.trim()) && known;
    },
    { timeoutMs: 120_000 },
  );
  await connectPods(createShell(), own, nodes);
}

/** Stops the API server for a while; resolves when it answers again. */
export async function withoutApiServer(ms: number): Promise<void> {
  const [node] = await list('nodes', { selector: 'node-role.kubernetes.io/control-plane' });
  if (!node) throw new Error('the cluster has no control plane node');
  const isUp = async () => (await tryKubectl(['get', '--raw', '/readyz'], { timeoutMs: 3000 })).code === 0;
  await onNode(node.metadata.name, ['mv', MANIFEST, ASIDE]);
  try {
    await eventually('the API server is gone', async () => !(await isUp()), { timeoutMs: 60_000 });
    await sleep(ms);
  } finally {
    await onNode(node.metadata.name, ['mv', ASIDE, MANIFEST]);
  }
  await eventually('the API server answers', isUp, { timeoutMs: 180_000, intervalMs: 100 });
}

interface Deployment {
  readonly spec: { readonly replicas: number };
  readonly status: { readonly readyReplicas?: number; readonly replicas?: number };
}

/** Stops the operator for a while; `meanwhile` runs before it starts again. Resolves when an operator is ready. */
export async function withoutOperator(ms: number, meanwhile: () => Promise<void>): Promise<void> {
  const { system } = readTarget();
  const name = 'heddle-operator';
  const read = () => get<Deployment>('deployment', name, system);
  const { replicas } = (await read()).spec;
  const scale = (count: number) =>
    kubectl(['-n', system, 'scale', `deployment/${name}`, `--replicas=${count}`]);
  await scale(0);
  try {
    await eventually('the operators are gone', async () => ((await read()).status.replicas ?? 0) === 0);
    await sleep(ms);
    await meanwhile();
  } finally {
    await scale(replicas);
  }
  await eventually('an operator is ready', async () => ((await read()).status.readyReplicas ?? 0) > 0, {
    timeoutMs: 120_000,
    intervalMs: 100,
  });
}

/** Kills all agents, without time to end cleanly. */
export async function killAgents(): Promise<void> {
  const selector = ['-l', 'app.kubernetes.io/component=agent'];
  await kubectl(['-n', readTarget().system, 'delete', 'pod', ...selector, '--force', '--grace-period=0']);
}
