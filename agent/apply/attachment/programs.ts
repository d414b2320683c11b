// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Kernel } from '../../kernel/kernel.ts';
import {
  addClsact,
  type FilterPlace,
  getFilter,
  parseFilterName,
  parseFilterProgram,
  putFilter,
} from '../../kernel/rtnetlink/filter.ts';
import { observeAttachments } from './detach.ts';

export interface WantedProgram extends FilterPlace {
  /** Path of the device's network namespace; absent: the node's own. */
  readonly netns?: string;
  /** Where the data path's programs are pinned: `/sys/fs/bpf/heddle/progs-<hash>`. */
  readonly progsDir: string;
  readonly name: string;
}

/**
 * Attaches the program to the device, and replaces an older one in one step. It is a tc filter and not a tcx link:
 * attaching a link waits for a grace period of the kernel (12 ms and more, with the lock of all devices held), a
 * filter does not. A filter needs no process that holds it, and it is deleted with its device.
 */
export async function ensureProgram(kernel: Kernel, wanted: WantedProgram): Promise<void> {
  const progPath = join(wanted.progsDir, wanted.name);
  const [found, program] = await Promise.all([
    findProgram(kernel, wanted),
    kernel.progInfo({ path: progPath }),
  ]);
  if (found !== program.id) await putProgram(kernel, wanted);
}

/** Attaches the program to a device that was just made, so that it does not look for an older program. */
export async function putProgram(kernel: Kernel, wanted: WantedProgram): Promise<void> {
  const { netns, ifindex, progsDir, name } = wanted;
  const program = { pin: join(progsDir, name), name };
  await kernel.netlink({
    ...(netns === undefined ? {} : { netns }),
    messages: [addClsact(ifindex), putFilter(wanted, program)],
  });
}

async function findProgram(kernel: Kernel, wanted: WantedProgram): Promise<number | undefined> {
  const { netns } = wanted;
  const [answer] = await kernel.netlink({
    ...(netns === undefined ? {} : { netns }),
    messages: [getFilter(wanted)],
  });
  return answer?.[0] === undefined ? undefined : parseFilterProgram(answer[0]);
}

/**
 * Gives every host side of this node the programs of this release, each in one step. The programs inside the
 * namespaces of instances follow when `attach` is called for them.
 */
export async function upgradePrograms(kernel: Kernel, progsDir: string): Promise<void> {
  for (const { hostIfindex } of await observeAttachments(kernel)) {
    const place = { ifindex: hostIfindex, direction: 'ingress' } as const;
    const [answer] = await kernel.netlink({ messages: [getFilter(place)] });
    const name = answer?.[0] === undefined ? undefined : parseFilterName(answer[0]);
    // A host side without a program was never finished: it is down, and `attach` finishes it.
    if (name !== undefined) await ensureProgram(kernel, { ...place, progsDir, name });
  }
}
