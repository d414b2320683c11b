// SPDX-License-Identifier: Apache-2.0
import type { Kernel } from '../../kernel/kernel.ts';
import { getLink, parseLink } from '../../kernel/rtnetlink/link.ts';
import type { Attachment } from '../../render/attachment.ts';
import { diffRoutes } from './diff.ts';
import { observeRoutes } from './state.ts';

/**
 * Updates the routes of a running pod when prefixes of its network change. It touches routes only, so it is cheap
 * enough for every pod of the network. False if the interface does not exist; its attachment will set the routes.
 */
export async function applyRoutes(kernel: Kernel, attachment: Attachment): Promise<boolean> {
  const { netnsPath: netns } = attachment;
  const [answer] = await kernel.netlink({ netns, messages: [getLink({ name: attachment.interface })] });
  if (answer?.[0] === undefined) return false;
  const ifindex = parseLink(answer[0]).index;
  const found = await observeRoutes(kernel, { attachment, ifindex });
  const messages = diffRoutes(attachment, { ifindex, found });
  if (messages.length > 0) await kernel.netlink({ netns, messages });
  return true;
}
