// SPDX-License-Identifier: Apache-2.0
import { keyOf } from '../../api/key.ts';
import type { ObservedAttachment } from '../apply/attachment.ts';
import { hostNameOf, isFramePort } from '../render/attachment.ts';
import { renderPort } from '../render/node.ts';
import type { AgentContext } from './context.ts';

/**
 * Adopts the interfaces that an earlier agent attached, as they are in the kernel. Returns those that belong to no Port.
 */
export function adoptAll(
  context: Pick<AgentContext, 'stores' | 'local'>,
  found: readonly ObservedAttachment[],
): readonly ObservedAttachment[] {
  const others = found.filter((each) => !adopt(context, each));
  // The right interfaces come after all left ones, since each belongs to a left one.
  return others.filter((each) => !adoptRight(context, each));
}

function adopt(
  { stores, local }: Pick<AgentContext, 'stores' | 'local'>,
  found: ObservedAttachment,
): boolean {
  const port = stores.ports
    .byIndex('pod', found.podUid)
    .find(({ spec }) => spec.interface === found.interface);
  if (!port) return false;
  const right = local.interfaceOf(keyOf(port))?.right;
  local.attached(keyOf(port), { ...hostOf(found), ...(right && { right }) });
  return true;
}

function adoptRight(
  { stores, local }: Pick<AgentContext, 'stores' | 'local'>,
  found: ObservedAttachment,
): boolean {
  const port = stores.ports.byIndex('pod', found.podUid).find(isFramePort);
  const left = port && local.interfaceOf(keyOf(port));
  if (!left || found.interface !== 'right') return false;
  local.attached(keyOf(port), { ...left, right: hostOf(found) });
  return true;
}

/** Writes the map entries of the adopted Ports: maps of a new layout begin empty. */
export async function writeAdopted({ stores, local, maps }: AgentContext): Promise<void> {
  for (const [key, { ifindex, right }] of local.interfaces) {
    const port = stores.ports.get(key);
    if (!port) continue;
    const own = renderPort(port, { ifindex, side: isFramePort(port) ? 'left' : undefined });
    const other = right ? [renderPort(port, { ifindex: right.ifindex, side: 'right' })] : [];
    for (const { key: at, value } of [own, ...other]) await maps.set('ports', at, value);
  }
}

function hostOf({ podUid, interface: name, hostIfindex }: ObservedAttachment) {
  return { hostName: hostNameOf(podUid, name), ifindex: hostIfindex };
}
