import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kernel } from '../../kernel/kernel.ts';
import { deleteLink, dumpLinks, parseLink } from '../../kernel/rtnetlink/link.ts';
import { isHostName, parseAlias } from '../../render/attachment.ts';
import { hostPin, podPin } from './links.ts';
import { turns } from './turns.ts';

/** A host side that is on this node now. */
export interface ObservedAttachment {
  readonly hostName: string;
  readonly hostIfindex: number;
  readonly podUid: string;
  readonly interface: string;
  readonly up: boolean;
}

/**
 * Takes an interface away, both ends and its programs. When it returns, the interface is gone and its address
 * may be given to another pod.
 */
export function detach(options: {
  readonly kernel: Kernel;
  readonly linksDir: string;
  readonly hostName: string;
}): Promise<void> {
  const { kernel, linksDir, hostName } = options;
  return turns.take(hostName, async () => {
    await kernel.netlink({ messages: [deleteLink({ name: hostName })] });
    await Promise.all([
      kernel.unlink({ path: hostPin(linksDir, hostName) }),
      kernel.unlink({ path: podPin(linksDir, hostName) }),
    ]);
  });
}

/**
 * The attachments of this node, by their host sides. One that was not finished has no alias yet: its owner is
 * empty, so that a later pass can tell it from those of living pods by its name alone.
 */
export async function observeAttachments(kernel: Kernel): Promise<ObservedAttachment[]> {
  const [answers = []] = await kernel.netlink({ messages: [dumpLinks('veth')] });
  return answers
    .map(parseLink)
    .filter((link) => link.kind === 'veth' && isHostName(link.name))
    .map((link) => ({
      hostName: link.name,
      hostIfindex: link.index,
      up: link.up,
      ...(parseAlias(link.alias) ?? { podUid: '', interface: '' }),
    }));
}

/**
 * Removes the pins of links whose device went with its namespace (the kernel leaves the pin). Returns the
 * names of the host sides that they belonged to.
 */
export async function pruneLinks(options: {
  readonly kernel: Kernel;
  readonly linksDir: string;
}): Promise<string[]> {
  const { kernel, linksDir } = options;
  const pruned: string[] = [];
  for (const name of await readdir(linksDir)) {
    const hostName = name.replace(/-in$/, '');
    if (!isHostName(hostName)) continue;
    const path = join(linksDir, name);
    const info = await kernel.linkInfo({ pinPath: path });
    if (info === undefined || info.ifindex !== 0) continue;
    await kernel.unlink({ path });
    pruned.push(hostName);
  }
  return [...new Set(pruned)];
}
