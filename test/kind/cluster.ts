import { existsSync } from 'node:fs';
import { binaries } from './binaries.ts';
import { detectEngine, type Engine } from './engine/detect.ts';
import { ensureEngine } from './engine/install.ts';
import { loadImages } from './images.ts';
import { createCluster, deleteCluster, runningNodes, waitUntilReady } from './kind.ts';
import { withLock } from './lock.ts';
import { ensureNodeImage } from './node-image/choose.ts';
import { kubeconfigPath } from './paths.ts';
import { createProgress, type Progress, type Timing } from './progress.ts';
import { createShell } from './shell.ts';
import { ensureTools, type Tools, withBuildLock } from './tools.ts';

/** kind's nodes: one for the control plane and two workers. */
const nodeCount = 3;

export interface Cluster {
  readonly name: string;
  readonly kubeconfig: string;
  readonly nodes: readonly string[];
  readonly tools: Tools;
  readonly engine: Engine;
  /** How long each step took; empty steps are not in it. */
  readonly timings: readonly Timing[];
}

export interface UpOptions {
  readonly name: string;
  /** Names of images in the engine's store that the nodes are to have. */
  readonly images?: readonly string[];
  readonly progress?: Progress;
}

/** Makes sure that the cluster runs: one that does is left alone, a broken one is made anew. */
export async function up(options: UpOptions): Promise<Cluster> {
  const { name } = options;
  const progress = options.progress ?? createProgress(`up-${name}`);
  return withLock(
    `cluster-${name}`,
    () => progress.say(`Waiting for another run that works on ${name} ...`),
    async () => {
      const engine = await ensureEngine(progress);
      const { tools, image } = await withBuildLock(progress, async () => ({
        tools: await ensureTools(progress),
        image: await ensureNodeImage(progress, engine, binaries()),
      }));
      const state = await inspect(engine, tools, name);
      if (state !== 'healthy') {
        if (state === 'broken') {
          await progress.step(`Delete the broken ${name}`, (shell) => deleteCluster(shell, engine, tools, name));
        }
        await progress.step('Create the cluster', (shell) => createCluster(shell, engine, tools, name, image));
        await progress.step('Nodes and DNS ready', (shell) => waitUntilReady(shell, tools, name));
      }
      const nodes = await runningNodes(createShell(), engine, name);
      const cluster: Cluster = {
        ...{ name, kubeconfig: kubeconfigPath(name), nodes, tools, engine },
        timings: progress.timings,
      };
      if (options.images?.length) await loadImages(cluster, options.images, progress);
      return cluster;
    },
  );
}

export async function down(name: string, progress = createProgress(`down-${name}`)): Promise<void> {
  await withLock(
    `cluster-${name}`,
    () => progress.say(`Waiting for another run that works on ${name} ...`),
    async () => {
      const engine = await detectEngine(createShell());
      if (!engine) return progress.say('No container engine answers, so there is no cluster.');
      const tools = await withBuildLock(progress, () => ensureTools(progress));
      await progress.step(`Delete ${name}`, (shell) => deleteCluster(shell, engine, tools, name));
    },
  );
}

export type ClusterState = 'absent' | 'healthy' | 'broken';

export interface Status {
  readonly name: string;
  readonly state: ClusterState;
  readonly kubeconfig: string;
  /** What kubectl says of the nodes, for people. */
  readonly nodes: string;
}

/** Looks only: builds and installs nothing. */
export async function status(name: string): Promise<Status> {
  const shell = createShell();
  const kubeconfig = kubeconfigPath(name);
  const engine = await detectEngine(shell);
  if (!engine) return { name, state: 'absent', kubeconfig, nodes: '' };
  const tools = await ensureTools(createProgress('status'));
  const state = await inspect(engine, tools, name);
  const wide = ['--kubeconfig', kubeconfig, '--request-timeout=5s', 'get', 'nodes', '-o', 'wide'];
  const reply = state === 'absent' ? undefined : await shell.attempt(tools.kubectl, wide);
  return { name, state, kubeconfig, nodes: reply?.stdout ?? '' };
}

async function inspect(engine: Engine, tools: Tools, name: string): Promise<ClusterState> {
  const shell = createShell();
  const known = await shell.run(tools.kind, ['get', 'nodes', '--name', name], { env: engine.env });
  if (known.split('\n').filter((line) => line.startsWith(name)).length === 0) return 'absent';
  const running = await runningNodes(shell, engine, name);
  if (running.length < nodeCount || !existsSync(kubeconfigPath(name))) return 'broken';
  const ready = ['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=20s'];
  const flags = ['--kubeconfig', kubeconfigPath(name), '--request-timeout=30s'];
  const reply = await shell.attempt(tools.kubectl, [...flags, ...ready], { timeoutMs: 30_000 });
  return reply.ok ? 'healthy' : 'broken';
}
