// SPDX-License-Identifier: Apache-2.0
import { type Mac, macOfBytes } from '../net/mac.ts';
import {
  CTX_F_BOUNCES,
  CTX_F_BOUNCES_SHIFT,
  CTX_F_POSITION,
  CTX_F_PROBE,
  CTX_F_REPLY,
  CTX_MAC_FROM,
  CTX_MAC_TO,
  MARK_CONTEXT,
  MARK_PATH,
  MARK_POSITION_SHIFT,
  MARK_PROBE,
  MARK_REPLY,
} from './generated/context.ts';

/** The context of a packet of a chain: its path, position and direction (docs/architecture.md). */
export interface Context {
  readonly path: number;
  readonly position: number;
  readonly isReply?: boolean | undefined;
  /** Whether the packet is a probe of an agent, which tests whether an instance forwards. */
  readonly isProbe?: boolean | undefined;
}

/** The context in a frame between the host sides of interfaces. */
export interface FrameContext extends Context {
  /** The instance that the frame is for, or comes from; 0 is none. */
  readonly instance?: number;
  /** How many nodes passed the frame on because its instance was down there. */
  readonly bounces?: number;
}

/** Largest id of a path or an instance. The smallest is 1. */
export const LARGEST_ID = MARK_PATH;

/** The mark of a packet inside an instance's namespace. */
export function encodeMark({ path, position, isReply = false, isProbe = false }: Context): number {
  const flags = MARK_CONTEXT | (isProbe ? MARK_PROBE : 0) | (isReply ? MARK_REPLY : 0);
  return (flags | ((position & CTX_F_POSITION) << MARK_POSITION_SHIFT) | path) >>> 0;
}

/** Decodes a mark. The result is meaningless for the mark of a packet of no chain. */
export function decodeMark(mark: number): Required<Context> {
  return {
    path: mark & MARK_PATH,
    position: (mark >>> MARK_POSITION_SHIFT) & CTX_F_POSITION,
    isReply: (mark & MARK_REPLY) !== 0,
    isProbe: (mark & MARK_PROBE) !== 0,
  };
}

/** The destination MAC of a frame to an instance. */
export function encodeMacTo(context: FrameContext): Uint8Array {
  return encodeMac(CTX_MAC_TO, context);
}

/** The source MAC of a frame that an instance emits. */
export function encodeMacFrom(context: FrameContext): Uint8Array {
  return encodeMac(CTX_MAC_FROM, context);
}

/** The MAC of an instance's own interface: it has the instance id and no path. */
export function instanceMac(instance: number): Mac {
  return macOfBytes(encodeMacFrom({ path: 0, position: 0, instance }));
}

/** The id of the instance that a context MAC names. */
export function instanceOfMac(mac: Uint8Array): number {
  return (mac[4]! << 8) | mac[5]!;
}

function encodeMac(first: number, context: FrameContext): Uint8Array {
  const { path, position, isReply = false, isProbe = false, instance = 0, bounces = 0 } = context;
  const flags =
    (isProbe ? CTX_F_PROBE : 0) |
    (isReply ? CTX_F_REPLY : 0) |
    ((bounces << CTX_F_BOUNCES_SHIFT) & CTX_F_BOUNCES) |
    (position & CTX_F_POSITION);
  return Uint8Array.of(first, flags, path >> 8, path & 0xff, instance >> 8, instance & 0xff);
}
