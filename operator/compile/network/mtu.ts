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

/**
 * Smallest MTU of a network, by whether it has IPv6 (RFC 8200; RFC 791). The schema has the same bounds for `spec.mtu`.
 * What a node reports lowers no network below it: one agent, or who has its token, must not stop all networks.
 */
export const SMALLEST_MTU = { 4: 576, 6: 1280 } as const;

export type MtuVerdict =
  | {
      readonly kind: 'Mtu';
      readonly mtu: number | undefined;
      /** Why the MTU is larger than what some node carries. */
      readonly exceeds?: string;
    }
  | { readonly kind: 'TooLarge'; readonly message: string };

/** What the MTU of a network is judged by. */
export interface MtuInput {
  /** `spec.mtu`. */
  readonly wanted: number | undefined;
  /** The MTU that the network has. */
  readonly held: number | undefined;
  readonly hasIpv6: boolean;
  readonly limit: MtuLimit | undefined;
}

/**
 * The MTU of a network: the one in its spec, else the largest that all nodes can carry. A network that has the MTU of its
 * spec keeps it when a node reports less later.
 */
export function judgeMtu({ wanted, held, hasIpv6, limit }: MtuInput): MtuVerdict {
  if (limit === undefined) return { kind: 'Mtu', mtu: wanted };
  const carried = `${limit.mtu}, the most that node ${limit.node} carries (its own MTU less the encapsulation)`;
  if (wanted === undefined) {
    const mtu = boundMtu(limit, hasIpv6).mtu;
    return mtu === limit.mtu
      ? { kind: 'Mtu', mtu }
      : { kind: 'Mtu', mtu, exceeds: `its MTU is ${mtu}, not ${carried}` };
  }
  if (wanted <= limit.mtu) return { kind: 'Mtu', mtu: wanted };
  if (wanted === held)
    return {
      kind: 'Mtu',
      mtu: wanted,
      exceeds: `it keeps spec.mtu ${wanted}, which is larger than ${carried}`,
    };
  const message = `spec.mtu ${wanted} is larger than ${carried}; set it to ${limit.mtu} or less, or remove it`;
  return { kind: 'TooLarge', message };
}

/** The limit, but not below the smallest MTU of a network. */
export function boundMtu(limit: MtuLimit, hasIpv6: boolean): MtuLimit {
  return { ...limit, mtu: Math.max(limit.mtu, SMALLEST_MTU[hasIpv6 ? 6 : 4]) };
}

/** The Event of a network whose MTU falls because a node carries less; undefined if it does not. */
export function describeFall(
  held: number | undefined,
  verdict: MtuVerdict,
  limit: MtuLimit | undefined,
): string | undefined {
  if (verdict.kind !== 'Mtu' || verdict.mtu === undefined || held === undefined || !limit) return undefined;
  if (verdict.mtu >= held) return undefined;
  return `the MTU falls from ${held} to ${verdict.mtu}, because node ${limit.node} reports that it carries ${limit.mtu}`;
}
