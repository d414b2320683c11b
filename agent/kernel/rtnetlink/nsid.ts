// SPDX-License-Identifier: Apache-2.0
import type { NetlinkMessage } from '../protocol.ts';
import { buildMessage } from './message.ts';
import { parseMessage } from './parse.ts';

const RTM_GETNSID = 90;
const NETNSA = { nsid: 1, fd: 3 } as const;
const RTGEN_SIZE = 4;

/** Reads the id that the namespace at `path` has in this namespace; a link's `peerNetnsId` is such an id. */
export function getNetnsId(path: string): NetlinkMessage {
  return buildMessage({
    type: RTM_GETNSID,
    flags: 0,
    header: new Uint8Array(RTGEN_SIZE),
    attributes: [{ type: NETNSA.fd, netns: path }],
  });
}

/** Parses the id; undefined if the namespace has none, so that no link of this namespace leads to it. */
export function parseNetnsId(message: Uint8Array): number | undefined {
  const id = parseMessage(message, RTGEN_SIZE).attributes.get(NETNSA.nsid)?.readInt32LE(0);
  return id === undefined || id < 0 ? undefined : id;
}
