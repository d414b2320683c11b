// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** A container runtime with NRI that this machine can reach: a node of a local kind cluster, through its root. */
export interface RuntimeNode {
  readonly node: string;
  readonly pid: number;
  readonly socketPath: string;
}

/** Finds containerd of a node by name. `/var/run` is a link, which would lead out of the node's root again. */
export function findRuntimes(): RuntimeNode[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/comm`).trim() === 'containerd')
    .map((pid) => ({
      node: read(`/proc/${pid}/root/etc/hostname`).trim(),
      pid: Number(pid),
      socketPath: `/proc/${pid}/root/run/nri/nri.sock`,
    }))
    .filter(({ socketPath }) => existsSync(socketPath));
}

/** A path inside a node, as it is reached from outside. */
export function outsidePath(runtime: RuntimeNode, path: string): string {
  return `/proc/${runtime.pid}/root${path.replace(/^\/var\/run\//, '/run/')}`;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended while we looked
  }
}
