// SPDX-License-Identifier: Apache-2.0
import { cpSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The programs of a node; those of the control plane go into images of their own. */
export const nodePrograms = [
  ...['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc', 'kubeadm', 'kubectl', 'kubelet'],
  ...['host-local', 'loopback', 'ptp', 'portmap'],
] as const;

/**
 * Writes the files that node-image/Dockerfile copies: kind's own files (which stay out of our repository), and
 * binaries.
 */
export function writeContext(directory: string, kindModule: string, binaries: string): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, 'bin'), { recursive: true });
  cpSync(join(kindModule, 'images/base/files'), join(directory, 'files'), { recursive: true });
  for (const program of nodePrograms) linkSync(join(binaries, program), join(directory, 'bin', program));
}
