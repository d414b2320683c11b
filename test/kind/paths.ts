import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: where Dockerfiles, bundles and node_modules are. */
export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const toolsModule = join(repository, 'test/kind/tools');

/** Everything that is worth keeping between runs is below here, and nothing of it inside the checkout. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'heddle');
}

export function clusterDirectory(name: string): string {
  return join(cacheDirectory(), 'clusters', name);
}

/** A kubeconfig of our own, so that the user's is never written. */
export function kubeconfigPath(name: string): string {
  return join(clusterDirectory(name), 'kubeconfig');
}
