// SPDX-License-Identifier: Apache-2.0
import { detectEngine, type Engine } from './engine/detect.ts';
import { ensureInotify } from './engine/inotify.ts';
import { ensureEngine } from './engine/install.ts';
import { ensurePrivileged } from './engine/privileged.ts';
import { checkHealth, type Health, patientHealth } from './health.ts';
import { loadImages } from './images.ts';
import { createCluster, defaultNodes, deleteCluster, nodesOf, waitUntilReady } from './kind.ts';
import { withLock } from './lock.ts';
import { ensureNodeImage } from './node-image/choose.ts';
import { kubeconfigPath } from './paths.ts';
import { createProgress, type Progress, type Timing } from './progress.ts';
import { ensureRegistry, removeRegistry } from './registry/registry.ts';
import { createShell } from './shell.ts';
import { ensureTools, type Tools } from './tools.ts';

export interface Cluster {
  readonly name: string;
  readonly kubeconfig: string;
  readonly nodes: readonly string[];
  readonly tools: Tools;
  readonly engine: Engine;
  /** How long each step took; steps that had nothing to do are not listed. */
  readonly timings: readonly Timing[];
}

export interface UpOptions {
  readonly name: string;
  /** Names of images in the engine's store that the nodes must have. */
  readonly images?: readonly string[];
  /** The number of nodes of a new cluster; three by default. */
  readonly nodes?: number;
  /** The port on loopback of a registry that the nodes pull from. */
  readonly registryPort?: number | undefined;
  readonly progress?: Progress;
}

/** Makes sure that the cluster runs: a healthy one is left alone, a broken one is made again. */
export async function up(options: UpOptions): Promise<Cluster> {
  const { name } = options;
  const progress = options.progress ?? createProgress(`up-${name}`);
  const engine = await ensureEngine(progress);
  // Checked before anything is built, since the nodes could not run.
  const running = await nodesOf(createShell(), engine, name, 'running');
  if (running.length === 0) await ensurePrivileged(progress, engine);
  const tools = await ensureTools(progress);
  const kubeconfig = kubeconfigPath(name);
  return withClusterLock(name, progress, async () => {
    const created = await ensureCluster(progress, engine, tools, options);
    const nodes = await nodesOf(createShell(), engine, name, 'running');
    const cluster: Cluster = { name, kubeconfig, nodes, tools, engine, timings: progress.timings };
    // Done before the wait, while the cluster's own pods start.
    const port = options.registryPort;
    if (port !== undefined) await ensureRegistry(progress, engine, { name, nodes, port });
    if (options.images?.length) await loadImages(cluster, options.images, progress);
    if (created) await progress.step('Nodes and DNS ready', (shell) => waitUntilReady(shell, tools, name));
    return cluster;
  });
}

/** Makes the cluster if needed; returns whether it did, in which case the cluster is still starting. */
async function ensureCluster(
  progress: Progress,
  engine: Engine,
  tools: Tools,
  { name, nodes = defaultNodes }: UpOptions,
): Promise<boolean> {
  const health = await patientHealth(progress, engine, tools, name);
  if (health.state === 'healthy') return false;
  if (health.state !== 'absent') {
    progress.say(`${name} is made anew: ${health.reason}.`);
    await progress.step(`Delete the broken ${name}`, (shell) => deleteCluster(shell, engine, tools, name));
  }
  ensureInotify(progress);
  const image = await ensureNodeImage(progress, engine);
  await progress.step(`Create ${name}`, (shell) =>
    createCluster(shell, engine, tools, { name, image, nodes }),
  );
  return true;
}

export async function down(name: string, progress = createProgress(`down-${name}`)): Promise<void> {
  const engine = await detectEngine(createShell());
  if (!engine) return progress.say('No container engine answers, so there is no cluster.');
  await withClusterLock(name, progress, async () => {
    await removeRegistry(createShell(), engine, name);
    const nodes = await nodesOf(createShell(), engine, name, 'all');
    if (nodes.length === 0) return progress.say(`There is no ${name}.`);
    const tools = await ensureTools(progress);
    await progress.step(`Delete ${name}`, (shell) => deleteCluster(shell, engine, tools, name));
  });
}

export interface Status {
  readonly name: string;
  readonly state: Health['state'];
  readonly kubeconfig: string;
  /** The output of kubectl about the nodes, for people. */
  readonly nodes: string;
}

/** Returns the state of a cluster without a change to it; only a missing kubectl is built again. */
export async function status(name: string): Promise<Status> {
  const shell = createShell();
  const kubeconfig = kubeconfigPath(name);
  const absent: Status = { name, state: 'absent', kubeconfig, nodes: '' };
  const engine = await detectEngine(shell);
  if (!engine || (await nodesOf(shell, engine, name, 'all')).length === 0) return absent;
  const tools = await ensureTools(createProgress('status'));
  const { state } = await checkHealth(shell, engine, tools, name);
  const wide = ['--kubeconfig', kubeconfig, '--request-timeout=5s', 'get', 'nodes', '-o', 'wide'];
  return { name, state, kubeconfig, nodes: (await shell.attempt(tools.kubectl, wide)).stdout };
}

function withClusterLock<T>(name: string, progress: Progress, work: () => Promise<T>): Promise<T> {
  return withLock(
    `cluster-${name}`,
    () => progress.say(`Waiting for another run that works on ${name} ...`),
    work,
  );
}
