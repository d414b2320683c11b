// SPDX-License-Identifier: Apache-2.0
import type { MappedPrefix } from '../../api/net/mapped.ts';

/** Turns bytes into a Map key: one char for each byte, so that equal bytes are equal keys. */
export function bytesKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The bytes of a key; the inverse of `bytesKey`. */
export function keyBytes(key: string): Uint8Array {
  return Buffer.from(key, 'latin1');
}

export function prefixKey(prefix: MappedPrefix): string {
  return String.fromCharCode(prefix.length) + bytesKey(prefix.bytes);
}
