// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../../api/net/address.ts';

/** Outer Ethernet (which an MTU does not count) is not in it: outer IP, UDP, VXLAN and the inner Ethernet header. */
const OVERHEAD = { 4: 50, 6: 70 } as const;

/** What a node said of its own network. */
export interface Underlay {
  readonly node: string;
  readonly mtu: number;
  /** Family of the address that its tunnels use. */
  readonly family: Family;
}

/** The largest inner packet that every node can send, and the node that sets the limit. */
export interface MtuLimit {
  readonly mtu: number;
  readonly node: string;
}

/** The limit of all nodes; undefined before the first of them has reported. Of equal ones the first by name. */
export function limitMtu(underlays: readonly Underlay[]): MtuLimit | undefined {
  let limit: MtuLimit | undefined;
  for (const { node, mtu, family } of underlays) {
    const inner = mtu - OVERHEAD[family];
    const lower = limit === undefined || inner < limit.mtu || (inner === limit.mtu && node < limit.node);
    if (lower) limit = { mtu: inner, node };
  }
  return limit;
}

export type MtuVerdict =
  | { readonly kind: 'Mtu'; readonly mtu: number | undefined }
  | { readonly kind: 'TooLarge'; readonly message: string };

/** The MTU of a network: what it asks for, else the most that the nodes carry. */
export function judgeMtu(wanted: number | undefined, limit: MtuLimit | undefined): MtuVerdict {
  if (wanted === undefined || limit === undefined || wanted <= limit.mtu) {
    return { kind: 'Mtu', mtu: wanted ?? limit?.mtu };
  }
  const message =
    `spec.mtu ${wanted} is larger than ${limit.mtu}, the most that node ${limit.node} carries ` +
    `(its own MTU less the encapsulation); set it to ${limit.mtu} or less, or remove it`;
  return { kind: 'TooLarge', message };
}
