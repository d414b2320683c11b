import { join } from 'node:path';
import type { Kernel } from '../../kernel/kernel.ts';
import type { TcxAttachType } from '../../kernel/protocol.ts';

/** Where the data path's programs and the links of attachments are pinned. */
export interface BpfPaths {
  /** `/sys/fs/bpf/heddle/links`. */
  readonly linksDir: string;
  /** `/sys/fs/bpf/heddle/progs-<hash>`: `pod_ingress`, `fn_ingress`, `fn_egress`. */
  readonly progsDir: string;
}

export function hostPin(linksDir: string, hostName: string): string {
  return join(linksDir, hostName);
}

/** Of the program inside the namespace of a function's instance. */
export function podPin(linksDir: string, hostName: string): string {
  return join(linksDir, `${hostName}-in`);
}

export interface WantedLink {
  readonly netns?: string;
  readonly ifindex: number;
  readonly attachType: TcxAttachType;
  readonly progPath: string;
  readonly pinPath: string;
}

/** Makes the program watch the device; replaces another program in one step, and a link whose device is gone. */
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
