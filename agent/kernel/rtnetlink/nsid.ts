// SPDX-License-Identifier: Apache-2.0
import type { NetlinkMessage } from '../protocol.ts';
import { buildMessage } from './message.ts';
import { parseMessage } from './parse.ts';

const RTM_GETNSID = 90;
const NETNSA = { nsid: 1, fd: 3 } as const;
const RTGEN_SIZE = 4;

/** Asks which id the namespace at `path` has here; ids are what a veth's `peerNetnsId` is told in. */
export function getNetnsId(path: string): NetlinkMessage {
  return buildMessage({
    type: RTM_GETNSID,
    flags: 0,
    header: new Uint8Array(RTGEN_SIZE),
    attributes: [{ type: NETNSA.fd, netns: path }],
  });
}

/** The id; undefined when it has none, which also means that no link here leads there. */
export function parseNetnsId(message: Uint8Array): number | undefined {
  const id = parseMessage(message, RTGEN_SIZE).attributes.get(NETNSA.nsid)?.readInt32LE(0);
  return id === undefined || id < 0 ? undefined : id;
}
