// SPDX-License-Identifier: Apache-2.0
import { statfsSync } from 'node:fs';

/** The type of a BPF file system, as statfs tells it. */
const BPF_FS_MAGIC = 0xcafe4a11;

/** Fails when a directory is on no BPF file system: programs could not be pinned, and flows would end with the agent. */
export function requireBpffs(directory: string): void {
  if (statfsSync(directory).type === BPF_FS_MAGIC) return;
  throw new Error(
    `no BPF file system is mounted at ${directory}: mount it on the node (mount -t bpf bpf ${directory}), or set the chart's value agent.mountBpffs`,
  );
}
