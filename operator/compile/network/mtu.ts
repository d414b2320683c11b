// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../../api/net/address.ts';

/**
 * Bytes that VXLAN adds, by the family of the outer IP header: outer IP, UDP, VXLAN and the inner Ethernet header.
 * The outer Ethernet header does not count towards an MTU.
 */
const OVERHEAD = { 4: 50, 6: 70 } as const;

/** A node's report about its underlay. */
export interface Underlay {
  readonly node: string;
  readonly mtu: number;
  /** Family of the address that its VXLAN tunnels use. */
  readonly family: Family;
}

/** The largest inner packet that every node can send, and the node that sets the limit. */
export interface MtuLimit {
  readonly mtu: number;
  readonly node: string;
}

/** The smallest limit of all nodes; the name decides among equal ones. Undefined before the first node has reported. */
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

/** The MTU of a network: the one in its spec, else the largest that all nodes can carry. */
export function judgeMtu(wanted: number | undefined, limit: MtuLimit | undefined): MtuVerdict {
  if (wanted === undefined || limit === undefined || wanted <= limit.mtu) {
    return { kind: 'Mtu', mtu: wanted ?? limit?.mtu };
  }
  const message =
    `spec.mtu ${wanted} is larger than ${limit.mtu}, the most that node ${limit.node} carries ` +
    `(its own MTU less the encapsulation); set it to ${limit.mtu} or less, or remove it`;
  return { kind: 'TooLarge', message };
}
