// SPDX-License-Identifier: Apache-2.0
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { setNetworkNamespace } from './libc.ts';

/** The child's own namespace: the host's, since the agent runs with the host's network. */
const own = openSync('/proc/self/ns/net', 'r');

/**
 * Runs `work` inside the network namespace at `path`, and returns to the own namespace. `work` must be synchronous:
 * setns moves the whole main thread, and no other code may run on it meanwhile.
 */
export function inNamespace<T>(path: string | undefined, work: () => T): T {
  if (path === undefined) return work();
  const fd = openSync(path, 'r');
  try {
    setNetworkNamespace(fd);
    try {
      return work();
    } finally {
      comeBack();
    }
  } finally {
    closeSync(fd);
  }
}

/** Returns to the own namespace, or ends the child: it must not serve a request in the wrong namespace. */
function comeBack(): void {
  try {
    setNetworkNamespace(own);
  } catch {
    process.abort();
  }
}

/**
 * The identity of the namespace behind a path; undefined when the path is gone or is no namespace
 * (a file left over after its namespace was unmounted is an ordinary file).
 */
export function namespaceInode(path: string): bigint | undefined {
  try {
    const stat = statSync(path, { bigint: true });
    return stat.dev === fstatSync(own, { bigint: true }).dev ? stat.ino : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
