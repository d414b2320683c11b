// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { type Address, formatAddress } from '../../../api/net/address.ts';
import { addressOfBytes } from '../../../api/net/bytes.ts';
import { ETHERTYPE } from '../../packets/frame.ts';

/** What a frame says on its face. Written apart from the programs: no line of it is theirs. */
export interface Face {
  readonly destination: string;
  readonly source: string;
  readonly type: number;
  /** The addresses of an IP packet. */
  readonly from?: string;
  readonly to?: string;
}

export function faceOf(frame: Buffer): Face {
  const face = {
    destination: frame.toString('hex', 0, 6),
    source: frame.toString('hex', 6, 12),
    type: frame.readUInt16BE(12),
  };
  const at = { [ETHERTYPE.ipv4]: [26, 30, 34], [ETHERTYPE.ipv6]: [22, 38, 54] }[face.type];
  if (!at || frame.length < at[2]!) return face;
  const [from, to] = [frame.subarray(at[0], at[1]), frame.subarray(at[1], at[2])];
  return { ...face, from: formatAddress(addressAt(from)), to: formatAddress(addressAt(to)) };
}

function addressAt(bytes: Buffer): Address {
  return addressOfBytes(bytes);
}

/** Whether a frame left as it came, except for its MACs. */
export function isUntouched(before: Buffer, after: Buffer): boolean {
  return isDeepStrictEqual(before.subarray(12), after.subarray(12));
}

/** The context in a MAC or a mark: path, position and instance. */
export interface Place {
  readonly path: number;
  readonly position: number;
  readonly isReply: boolean;
}

export function placeOfMac(mac: string): Place | undefined {
  const bytes = Buffer.from(mac, 'hex');
  if (bytes[0] !== 0x0a) return undefined;
  return { path: bytes.readUInt16BE(2), position: bytes[1]! & 0x0f, isReply: (bytes[1]! & 0x40) !== 0 };
}

export function placeOfMark(mark: number): Place | undefined {
  if ((mark & 0x80000000) === 0) return undefined;
  return { path: mark & 0xffff, position: (mark >>> 24) & 0x0f, isReply: (mark & 0x20000000) !== 0 };
}
