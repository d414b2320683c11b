// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { type Binaries, binaries, type Client, clients } from './binaries.ts';
import { findCommand } from './find.ts';
import { withLock } from './lock.ts';
import { createProgress, type Progress } from './progress.ts';
import { createShell } from './shell.ts';
import { fits, parseVersion, readToolModule, versionOf } from './versions.ts';

export type Tools = Readonly<Record<Client, string>>;

const versionArguments: Record<Client, readonly string[]> = {
  kind: ['version', '--quiet'],
  kubectl: ['version', '--client'],
  helm: ['version', '--short'],
};

const modules: Record<Client, string> = {
  kind: 'sigs.k8s.io/kind',
  kubectl: 'k8s.io/kubernetes',
  helm: 'helm.sh/helm/v4',
};

/** Finds kind, kubectl and helm in the PATH if their versions fit, and builds the others from source. */
export async function ensureTools(progress: Progress): Promise<Tools> {
  const built = binaries();
  const found = await Promise.all(clients.map((tool) => fittingTool(tool)));
  const missing = clients.filter((_, index) => !found[index]);
  await ensureBuilt(progress, built, missing);
  const path = (tool: Client): string => found[clients.indexOf(tool)] ?? join(built.directory, tool);
  return { kind: path('kind'), kubectl: path('kubectl'), helm: path('helm') };
}

async function fittingTool(tool: Client): Promise<string | undefined> {
  const path = findCommand(tool);
  if (!path) return undefined;
  const reply = await createShell().attempt(path, versionArguments[tool], { timeoutMs: 5000 });
  const found = reply.ok ? parseVersion(reply.stdout) : undefined;
  const ours = parseVersion(versionOf(readToolModule(), modules[tool]));
  return found && ours && fits(tool, found, ours) ? path : undefined;
}

/**
 * The path of one program that tools/kind/tools builds (`etcd`, `kube-apiserver`, ...), built first if it is
 * missing. For tests that want a real API server without a cluster.
 */
export async function toolPath(name: string, progress: Progress = createProgress('tools')): Promise<string> {
  const built = binaries();
  await ensureBuilt(progress, built, [name]);
  return join(built.directory, name);
}

/** Builds missing programs. It waits for other runs only when there is something to build. */
export async function ensureBuilt(
  progress: Progress,
  built: Binaries,
  names: readonly string[],
): Promise<void> {
  if (built.has(names)) return;
  await withBuildLock(progress, () => built.ensure(progress, names));
}

/**
 * Runs work that fills the cache under a lock, so that two runs at once build a thing only once. It must not be nested.
 */
export function withBuildLock<T>(progress: Progress, work: () => Promise<T>): Promise<T> {
  return withLock('build', () => progress.say('Waiting for another run that is building ...'), work);
}
