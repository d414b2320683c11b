// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../engine/detect.ts';
import { buildImage, imageId } from '../engine/images.ts';
import { debianBase } from '../images.ts';
import { repository } from '../paths.ts';
import type { Progress } from '../progress.ts';
import type { Shell } from '../shell.ts';
import { cacheKey } from '../versions.ts';
import { hostsFolder, registryName, renderHosts } from './hosts.ts';

const context = join(repository, 'tools/kind/registry');

export interface RegistryOptions {
  /** The name of the cluster. */
  readonly name: string;
  readonly nodes: readonly string[];
  /** The port on this machine's loopback. */
  readonly port: number;
}

/**
 * Runs a registry on this machine's loopback that the nodes pull from: a container on their network, with a port on
 * loopback for pushes, and a setting of containerd in each node that names the registry's address. A running registry
 * is kept.
 */
export async function ensureRegistry(
  progress: Progress,
  engine: Engine,
  options: RegistryOptions,
): Promise<void> {
  const image = await ensureRegistryImage(progress, engine);
  await progress.step(`Registry at ${registryName(options.port)}`, async (shell) => {
    const address = await ensureContainer(shell, engine, image, options);
    await Promise.all(options.nodes.map((node) => tellNode(shell, engine, node, options.port, address)));
    await waitForAnswer(options.port);
  });
}

export async function removeRegistry(shell: Shell, engine: Engine, cluster: string): Promise<void> {
  await shell.attempt(engine.kind, ['rm', '-f', '-v', containerName(cluster)], { env: engine.env });
}

function containerName(cluster: string): string {
  return `${cluster}-registry`;
}

async function ensureRegistryImage(progress: Progress, engine: Engine): Promise<string> {
  const debian = await debianBase(progress, engine);
  const files = readdirSync(context).filter((file) => !file.endsWith('.ts'));
  const key = cacheKey(debian, ...files.sort().map((file) => readFileSync(join(context, file))));
  const tag = `localhost/heddle/registry:${key}`;
  if ((await imageId(engine, tag)) !== undefined) return tag;
  await progress.step('Build the registry', (shell) =>
    buildImage(shell, engine, {
      dockerfile: join(context, 'Dockerfile'),
      context,
      tag,
      args: { BASE: debian },
    }),
  );
  return tag;
}

/** Makes sure that the container runs, and returns its address on the nodes' network. */
async function ensureContainer(
  shell: Shell,
  engine: Engine,
  image: string,
  { name, port }: RegistryOptions,
): Promise<string> {
  const container = containerName(name);
  const running = await addressOf(shell, engine, container, port);
  if (running) return running;
  await removeRegistry(shell, engine, name);
  const network = ['--network=kind', `--publish=${registryName(port)}:5000`];
  await shell.run(engine.kind, ['run', '--detach', `--name=${container}`, ...network, image], {
    env: engine.env,
  });
  const address = await addressOf(shell, engine, container, port);
  if (!address) throw new Error(`${container} has no address on the network of the nodes`);
  return address;
}

/** The address of the container; undefined when it does not run, or not at this port. */
async function addressOf(
  shell: Shell,
  engine: Engine,
  container: string,
  port: number,
): Promise<string | undefined> {
  const { env } = engine;
  const ports = await shell.attempt(engine.kind, ['port', container, '5000/tcp'], { env });
  if (!ports.ok || !ports.stdout.split('\n').includes(registryName(port))) return undefined;
  const format = '{{.State.Running}} {{.NetworkSettings.Networks.kind.IPAddress}}';
  const state = await shell.run(engine.kind, ['container', 'inspect', '--format', format, container], {
    env,
  });
  return /^true ([0-9a-f.:]+)$/.exec(state)?.[1];
}

async function tellNode(
  shell: Shell,
  engine: Engine,
  node: string,
  port: number,
  address: string,
): Promise<void> {
  const folder = hostsFolder(port);
  const script = `mkdir -p ${folder} && cat > ${folder}/hosts.toml`;
  const input = renderHosts(port, address);
  await shell.run(engine.kind, ['exec', '-i', node, 'sh', '-c', script], { env: engine.env, input });
}

async function waitForAnswer(port: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const url = `http://${registryName(port)}/v2/`;
    const reply = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    if (reply?.ok) return;
    if (tries === 100) throw new Error(`${url} does not answer`);
    await sleep(100);
  }
}
