// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../paths.ts';
import type { Shell } from '../shell.ts';
import { CAP_SYS_RESOURCE, mayHold, parseLimits, renderContainersConf } from './settings.ts';

export interface Engine {
  readonly kind: 'docker' | 'podman';
  /** Environment for both the engine and kind. */
  readonly env: Readonly<Record<string, string>>;
  /** Containers on this machine may not raise their own limits, so services in a node must not try to. */
  readonly restricted: boolean;
}

/** The engine that answers. Docker comes first, as in kind, unless the user has told kind otherwise. */
export async function detectEngine(shell: Shell): Promise<Engine | undefined> {
  const podmanFirst = process.env.KIND_EXPERIMENTAL_PROVIDER === 'podman';
  const order = podmanFirst ? (['podman', 'docker'] as const) : (['docker', 'podman'] as const);
  for (const kind of order) {
    const engine = kind === 'docker' ? dockerEngine() : podmanEngine();
    if (await answers(shell, engine)) return engine;
  }
  return undefined;
}

async function answers(shell: Shell, engine: Engine): Promise<boolean> {
  const format = engine.kind === 'docker' ? '{{.ServerVersion}}' : '{{.Host.Security.Rootless}}';
  const reply = await shell.attempt(engine.kind, ['info', '--format', format], {
    env: engine.env,
    timeoutMs: 8000,
  });
  if (!reply.ok || reply.stdout === '') return false;
  // The agent loads BPF programs, which a rootless container may not.
  return engine.kind === 'docker' || reply.stdout === 'false';
}

function dockerEngine(): Engine {
  return { kind: 'docker', env: {}, restricted: isRestricted() };
}

export function podmanEngine(): Engine {
  return {
    kind: 'podman',
    env: { KIND_EXPERIMENTAL_PROVIDER: 'podman', ...containersConf() },
    restricted: isRestricted(),
  };
}

/** Whether this machine is restricted: what it may not do, its containers may not do either. */
function isRestricted(): boolean {
  const status = readFileIfThere('/proc/self/status');
  return status !== '' && !mayHold(status, CAP_SYS_RESOURCE);
}

/** Passes our settings by the environment, so that no file of the user changes. */
function containersConf(): Record<string, string> {
  const text = renderContainersConf({
    cgroupV1: readFileIfThere('/proc/self/mounts').includes(' cgroup rw'),
    ...parseLimits(readFileIfThere('/proc/self/limits'), Number(readFileIfThere('/proc/sys/kernel/pid_max'))),
  });
  if (text === undefined) return {};
  const path = join(cacheDirectory(), 'containers.conf');
  mkdirSync(cacheDirectory(), { recursive: true });
  if (readFileIfThere(path) !== text) writeFileSync(path, text);
  return { CONTAINERS_CONF: path };
}

export function readFileIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
