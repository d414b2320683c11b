// SPDX-License-Identifier: Apache-2.0
import { binaries } from '../kind/binaries.ts';
import { createProgress, type Terminal } from '../kind/progress.ts';
import { toolPath } from '../kind/tools.ts';

/** Programs of an API server without a cluster, which tools/kind/tools builds from source. */
export const API_SERVER = ['etcd', 'kube-apiserver', 'kubectl'] as const;

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
