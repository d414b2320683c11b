// SPDX-License-Identifier: Apache-2.0
import type { Kernel } from '../../kernel/kernel.ts';
import { deleteLink, dumpLinks, parseLink } from '../../kernel/rtnetlink/link.ts';
import { isHostName, parseAlias } from '../../render/attachment.ts';
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
 * Removes an interface: both ends and their programs. When it returns, the interface is gone, and another pod may
 * get its address.
 */
export function detach(options: { readonly kernel: Kernel; readonly hostName: string }): Promise<void> {
  const { kernel, hostName } = options;
  return turns.take(hostName, async () => {
    await kernel.netlink({ messages: [deleteLink({ name: hostName })] });
  });
}

/**
 * Lists the attachments of this node by their host sides. An unfinished one has no alias yet: its owner is empty,
 * and only its name shows whether a living pod has it.
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
