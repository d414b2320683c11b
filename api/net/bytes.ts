// SPDX-License-Identifier: Apache-2.0
import type { Address } from './address.ts';

/** Buffer for conversions, so that only the result is allocated. */
const scratch = new Uint8Array(16);
const view = new DataView(scratch.buffer);

/** The address in network byte order, 4 or 16 bytes. */
export function addressBytes({ family, value }: Address): Uint8Array {
  if (family === 4) {
    view.setUint32(0, Number(value));
    return scratch.slice(0, 4);
  }
  return bytes128(value);
}

/** The address in 4 or 16 bytes in network order. */
export function addressOfBytes(bytes: Uint8Array): Address {
  if (bytes.length === 4) {
    scratch.set(bytes);
    return { family: 4, value: BigInt(view.getUint32(0)) };
  }
  if (bytes.length === 16) return { family: 6, value: number128(bytes) };
  throw new RangeError(`no address has ${bytes.length} bytes`);
}

/** A number of 128 bits as 16 bytes in network order. */
export function bytes128(value: bigint): Uint8Array {
  view.setBigUint64(0, value >> 64n);
  view.setBigUint64(8, value);
  return scratch.slice();
}

/** The 128-bit number in 16 bytes in network order. */
export function number128(bytes: Uint8Array): bigint {
  scratch.set(bytes);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}
