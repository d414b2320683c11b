// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from './engine/detect.ts';
import { renderKindConfig } from './kind-config.ts';
import { connectPods, parseNodes } from './network.ts';
import type { NodeImage } from './node-image/choose.ts';
import { clusterDirectory, kubeconfigPath } from './paths.ts';
import type { Shell } from './shell.ts';
import type { Tools } from './tools.ts';

/** One node for the control plane, the others for pods; a single node is for both. */
export const defaultNodes = 3;

export async function deleteCluster(shell: Shell, engine: Engine, tools: Tools, name: string): Promise<void> {
  // kind asks nodes to stop and waits, but they do not react; so they are killed first.
  const running = await nodesOf(shell, engine, name, 'running');
  if (running.length > 0) await shell.attempt(engine.kind, ['kill', ...running], { env: engine.env });
  const kubeconfig = ['--kubeconfig', kubeconfigPath(name)];
  await shell.run(tools.kind, ['delete', 'cluster', '--name', name, ...kubeconfig], { env: engine.env });
  rmSync(clusterDirectory(name), { recursive: true, force: true });
}

export async function createCluster(
  shell: Shell,
  engine: Engine,
  tools: Tools,
  { name, image, nodes }: { readonly name: string; readonly image: NodeImage; readonly nodes: number },
): Promise<void> {
  mkdirSync(clusterDirectory(name), { recursive: true });
  const config = join(clusterDirectory(name), 'kind.yaml');
  writeFileSync(config, renderKindConfig({ workers: nodes - 1, ownNetwork: image.built, dualStack: true }));
  const files = ['--config', config, '--kubeconfig', kubeconfigPath(name)];
  const arguments_ = ['create', 'cluster', '--name', name, '--image', image.name, ...files];
  await shell.run(tools.kind, arguments_, { env: engine.env });
  if (image.built) await connect(shell, engine, tools, name);
  writeFileSync(completeMark(name), String(nodes));
}

/** The path of a file that exists when the cluster is complete: a run may have been interrupted. */
function completeMark(name: string): string {
  return join(clusterDirectory(name), 'made');
}

/** The number of nodes the cluster was made with; undefined when it is not complete. */
export function nodesWanted(name: string): number | undefined {
  const mark = completeMark(name);
  if (!existsSync(mark)) return undefined;
  return Number(readFileSync(mark, 'utf8')) || defaultNodes;
}

async function connect(shell: Shell, engine: Engine, tools: Tools, name: string): Promise<void> {
  const kubectl = [`--kubeconfig=${kubeconfigPath(name)}`];
  // The pod ranges are set a moment after the nodes; in a cluster of one node the next step can come before that.
  const ranges = ['wait', '--for=jsonpath={.spec.podCIDR}', 'nodes', '--all', '--timeout=120s'];
  await shell.run(tools.kubectl, [...kubectl, ...ranges]);
  const list = await shell.run(tools.kubectl, [...kubectl, 'get', 'nodes', '-o', 'json']);
  await connectPods(shell, engine, parseNodes(list));
}

export async function waitUntilReady(shell: Shell, tools: Tools, name: string): Promise<void> {
  const kubectl = (...args: string[]): Promise<string> =>
    shell.run(tools.kubectl, [`--kubeconfig=${kubeconfigPath(name)}`, ...args]);
  await kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=120s');
  await kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s');
}

/** Names of the cluster's node containers, sorted: the running ones, or all. */
export async function nodesOf(
  shell: Shell,
  engine: Engine,
  name: string,
  which: 'running' | 'all',
): Promise<string[]> {
  const label = `label=io.x-k8s.kind.cluster=${name}`;
  const filter = which === 'running' ? ['--filter', 'status=running'] : ['--all'];
  const list = await shell.run(engine.kind, ['ps', '--filter', label, ...filter, '--format', '{{.Names}}'], {
    env: engine.env,
  });
  return list.split('\n').filter(Boolean).sort();
}
