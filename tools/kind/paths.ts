// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout, where Dockerfiles, bundles and node_modules are. */
export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Folders with a go.mod whose `tool` lines name programs to build. */
export const toolsModule = join(repository, 'tools/kind/tools');
export const multusModule = join(repository, 'tools/kind/multus');
export const oldestModule = join(repository, 'tools/kind/oldest');

/** The folder for everything that is kept between runs; it is outside the checkout. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'heddle');
}

export function clusterDirectory(name: string): string {
  return join(cacheDirectory(), 'clusters', name);
}

/** The path of our own kubeconfig for a cluster, so that the user's file is never written. */
export function kubeconfigPath(name: string): string {
  return join(clusterDirectory(name), 'kubeconfig');
}

/** Removes entries of a folder that were not touched for this time. */
export function removeOld(folder: string, ageMs: number): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - modified > ageMs) rmSync(path, { recursive: true, force: true });
  }
}
