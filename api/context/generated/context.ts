// Generated from agent/bpf/maps.h by `npm run generate`. Do not edit.
// SPDX-License-Identifier: Apache-2.0

export const CTX_MAC_TO = 0x0a;
export const CTX_MAC_FROM = 0x0e;
export const CTX_F_PROBE = 0x80;
export const CTX_F_REPLY = 0x40;
export const CTX_F_BOUNCES = 0x30;
export const CTX_F_BOUNCES_SHIFT = 4;
export const CTX_F_POSITION = 0x0f;
export const MARK_CONTEXT = 0x80000000;
export const MARK_PROBE = 0x40000000;
export const MARK_REPLY = 0x20000000;
export const MARK_POSITION_SHIFT = 24;
export const MARK_PATH = 0x0000ffff;

/** Names of the drop counters, by index in the map `drops`. */
export const dropReasons = [
  'none',
  'malformed',
  'vlan',
  'not_ip',
  'unknown_port',
  'spoofed_mac',
  'spoofed_source',
  'multicast',
  'unknown_destination',
  'no_neighbour',
  'unknown_vtep',
  'unknown_network',
  'unknown_path',
  'wrong_context',
  'hop_down',
  'unknown_fragment',
  'too_big',
  'no_context',
  'redirect',
  'contended',
  'spoofed_error',
  'off_path',
  'no_source_port',
] as const;
export type DropReason = (typeof dropReasons)[number];
