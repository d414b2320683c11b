// SPDX-License-Identifier: Apache-2.0
import {
  CTX_F_PROBE,
  CTX_MAC_TO,
  MARK_CONTEXT,
  MARK_PATH,
  MARK_PROBE,
  MARK_REPLY,
} from '../../../api/context/generated/context.ts';

/** Conditions of nftables on a packet's context, which is its mark inside an instance (docs/architecture.md). */

/** Formats a mark as rules have it: `0x80000000`. */
export function hex(mark: number): string {
  return `0x${(mark >>> 0).toString(16)}`;
}

/** Any packet with a context, probes too. */
export const HAS_CONTEXT = `meta mark & ${hex(MARK_CONTEXT)} != 0`;
/** A probe of the agent. */
export const IS_PROBE = `meta mark & ${hex(MARK_PROBE)} != 0`;
/** A packet in the reply direction of its chain. */
export const IS_REPLY = `meta mark & ${hex(MARK_REPLY)} != 0`;

const KIND = MARK_CONTEXT | MARK_PROBE;
/** A packet of a chain that is not a probe. */
export const IS_CHAINS = `meta mark & ${hex(KIND)} == ${hex(MARK_CONTEXT)}`;

const DIRECTION = KIND | MARK_REPLY;
/** A packet of a chain that is not a probe, in the forward direction. */
export const IS_CHAINS_FORWARD = `meta mark & ${hex(DIRECTION)} == ${hex(MARK_CONTEXT)}`;
/** A packet of a chain that is not a probe, in the reply direction. */
export const IS_CHAINS_REPLY = `meta mark & ${hex(DIRECTION)} == ${hex(MARK_CONTEXT | MARK_REPLY)}`;

/** The path id, as an expression. */
export const PATH_ID = `meta mark & ${hex(MARK_PATH)}`;

/**
 * A rule for packets with a context: packets of chains go to this nftables chain; a probe is accepted, which shows that
 * the instance forwards.
 */
export function decideOrAnswerProbe(chain: string): string {
  return `meta mark & ${hex(KIND)} vmap { ${hex(MARK_CONTEXT)} : jump ${chain}, ${hex(KIND)} : accept }`;
}

/** A frame that leaves towards an instance and is not a probe, by its destination MAC. */
export const FRAME_IS_CHAINS = frameHas(CTX_F_PROBE, 0);

/** A frame to an instance whose flags have this value under this mask, by its destination MAC. */
export function frameHas(mask: number, flags: number): string {
  return `@ll,0,16 & ${hex(0xff00 | mask)} == 0x${((CTX_MAC_TO << 8) | flags).toString(16).padStart(4, '0')}`;
}
