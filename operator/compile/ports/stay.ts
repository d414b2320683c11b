// SPDX-License-Identifier: Apache-2.0
import type { Port, VirtualNetwork } from '../../../api/index.ts';
import { keyOf } from '../../../api/key.ts';

/** How long the deletion of a network waits for its guests when the network does not say. */
const LEAVE_SECONDS = 600;

/** Whether a Port stays on its network. */
export type StayVerdict =
  | { readonly kind: 'Stays'; readonly againAfterMs: number | undefined }
  | { readonly kind: 'Leaves'; readonly reason: 'Evicted' | 'NetworkDeleting'; readonly message: string };

const STAYS: StayVerdict = { kind: 'Stays', againAfterMs: undefined };

/** When the guests of a network that is being deleted are detached; undefined for other networks. */
export function guestDeadline({ metadata, spec }: VirtualNetwork): Date | undefined {
  const { deletionTimestamp } = metadata;
  if (deletionTimestamp === undefined) return undefined;
  return new Date(Date.parse(deletionTimestamp) + (spec.attach.leaveSeconds ?? LEAVE_SECONDS) * 1000);
}

/** Whether a Port belongs to a pod of another namespace than its network's. */
export function isGuest({ metadata, spec }: Port): boolean {
  return spec.network !== undefined && spec.network.namespace !== metadata.namespace;
}

/**
 * Judges whether a Port stays on its network. Only guests have to leave: when the network does not admit their namespace
 * any more and evicts, and when it is being deleted and has waited for them long enough.
 */
export function judgeStay(options: {
  readonly port: Port;
  readonly network: VirtualNetwork | undefined;
  readonly admits: boolean;
  readonly now: Date;
}): StayVerdict {
  const { port, network, admits, now } = options;
  if (network === undefined || !isGuest(port)) return STAYS;
  const name = `network ${keyOf(network)}`;
  const deadline = guestDeadline(network);
  if (deadline !== undefined) {
    const leftMs = deadline.getTime() - now.getTime();
    if (leftMs > 0) return { kind: 'Stays', againAfterMs: leftMs };
    const message = `${name} is being deleted, and its time for pods of other namespaces is over (spec.attach.leaveSeconds)`;
    return { kind: 'Leaves', reason: 'NetworkDeleting', message };
  }
  if (admits || network.spec.attach.evict !== true) return STAYS;
  const message = `${name} does not admit pods of namespace ${port.metadata.namespace} any more and detaches them (spec.attach.evict)`;
  return { kind: 'Leaves', reason: 'Evicted', message };
}
