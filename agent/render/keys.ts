// SPDX-License-Identifier: Apache-2.0
import type { MappedPrefix } from '../../api/net/mapped.ts';

/** Bytes as a Map key: one char a byte, so that equal bytes are equal keys. */
export function bytesKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The way back from `bytesKey`. */
export function keyBytes(key: string): Uint8Array {
  return Buffer.from(key, 'latin1');
}

export function prefixKey(prefix: MappedPrefix): string {
  return String.fromCharCode(prefix.length) + bytesKey(prefix.bytes);
}
