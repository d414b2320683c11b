// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { binaries } from '../kind/binaries.ts';
import { oldestModule } from '../kind/paths.ts';
import { createProgress, type Terminal } from '../kind/progress.ts';
import { ensureBuilt, toolPath } from '../kind/tools.ts';

/** Programs of an API server without a cluster, which tools/kind/tools builds from source; `helm` renders the chart. */
export const API_SERVER = ['etcd', 'kube-apiserver', 'kubectl', 'helm'] as const;

/** The environment variable with the path of another kube-apiserver for tests to start. */
export const serverVariable = 'HEDDLE_KUBE_APISERVER';

/** Whether a kernel test runs a function's whole program, and so needs an API server. */
export function needsApiServer(file: string): boolean {
  return file.endsWith('/program.test.ts') || file.startsWith('test/kernel/api/');
}

export function hasApiServer(): boolean {
  return binaries().has(API_SERVER);
}

/** Builds the missing programs, or waits for another run that does. */
export async function ensureApiServer(out: Terminal): Promise<void> {
  const progress = createProgress('tools', out);
  for (const name of API_SERVER) await toolPath(name, progress);
}

/** Builds the kube-apiserver of the oldest Kubernetes that Heddle promises to work with; returns its path. */
export async function ensureOldestApiServer(out: Terminal): Promise<string> {
  const built = binaries(oldestModule);
  await ensureBuilt(createProgress('tools', out), built, ['kube-apiserver']);
  return join(built.directory, 'kube-apiserver');
}
