/**
 * An address range as the data path's maps have it: 16 bytes in network order, IPv4 mapped into ::ffff:0:0/96,
 * and a length of 0..128 bits. One form for both families, so that one walk serves both.
 */
export interface Prefix {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** Bits of a mapped address. */
export const ADDRESS_BITS = 128;

/** The whole of both families. */
export const EVERYTHING: Prefix = { bytes: new Uint8Array(16), length: 0 };

/** Bytes as a Map key: one char a byte, so that equal bytes are equal keys. */
export function bytesKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The way back from `bytesKey`. */
export function keyBytes(key: string): Uint8Array {
  return Buffer.from(key, 'latin1');
}

export function prefixKey(prefix: Prefix): string {
  return String.fromCharCode(prefix.length) + bytesKey(prefix.bytes);
}

/** Whether every address of `inner` is one of `outer`. */
export function covers(outer: Prefix, inner: Prefix): boolean {
  if (outer.length > inner.length) return false;
  const whole = outer.length >> 3;
  for (let index = 0; index < whole; index++) {
    if (outer.bytes[index] !== inner.bytes[index]) return false;
  }
  const rest = outer.length & 7;
  if (rest === 0) return true;
  const mask = 0xff00 >> rest;
  return ((outer.bytes[whole]! ^ inner.bytes[whole]!) & mask & 0xff) === 0;
}
