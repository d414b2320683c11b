// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { formatMac, macOfBytes } from '../../../api/net/mac.ts';

/**
 * The MAC of an attachment: 06 and five bytes that are derived from network, pod and interface, so that two leaders
 * choose the same one. Another `attempt` gives another MAC, for when the first one is taken.
 */
export function renderMac(options: {
  readonly vni: number;
  readonly podUid: string;
  readonly interfaceName: string;
  readonly attempt: number;
}): string {
  const { vni, podUid, interfaceName, attempt } = options;
  const hash = createHash('sha256').update(`${vni}|${podUid}|${interfaceName}|${attempt}`).digest();
  return formatMac(macOfBytes(Uint8Array.of(0x06, ...hash.subarray(0, 5))));
}
