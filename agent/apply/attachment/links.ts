// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kernel } from '../../kernel/kernel.ts';
import type { TcxAttachType } from '../../kernel/protocol.ts';

/** The directories in which the data path's programs, and the links of the node's own devices, are pinned. */
export interface BpfPaths {
  /** `/sys/fs/bpf/heddle/links`. */
  readonly linksDir: string;
  /** `/sys/fs/bpf/heddle/progs-<hash>`: `pod_ingress`, `fn_ingress`, `fn_egress`. */
  readonly progsDir: string;
}

export interface WantedLink {
  readonly netns?: string;
  readonly ifindex: number;
  readonly attachType: TcxAttachType;
  readonly progPath: string;
  readonly pinPath: string;
}

/**
 * Attaches the program to the device by a pinned link. Replaces another program in one step, and a link whose device
 * is gone. For devices that are made once, since a new link waits for a grace period of the kernel.
 */
export async function ensureLink(kernel: Kernel, wanted: WantedLink): Promise<void> {
  const [found, program] = await Promise.all([
    kernel.linkInfo({ pinPath: wanted.pinPath }),
    kernel.progInfo({ path: wanted.progPath }),
  ]);
  if (found !== undefined && found.ifindex === wanted.ifindex && found.attachType === wanted.attachType) {
    if (found.progId !== program.id) {
      await kernel.linkUpdate({ pinPath: wanted.pinPath, progPath: wanted.progPath });
    }
    return;
  }
  if (found !== undefined) await kernel.unlink({ path: wanted.pinPath });
  await kernel.linkCreate(wanted);
}

/** Removes the pins of links whose device is gone (the kernel leaves the pin). Returns their names. */
export async function pruneLinks(options: {
  readonly kernel: Kernel;
  readonly linksDir: string;
}): Promise<string[]> {
  const { kernel, linksDir } = options;
  const pruned: string[] = [];
  for (const name of await readdir(linksDir)) {
    const path = join(linksDir, name);
    const info = await kernel.linkInfo({ pinPath: path });
    if (info === undefined || info.ifindex !== 0) continue;
    await kernel.unlink({ path });
    pruned.push(name);
  }
  return pruned;
}
