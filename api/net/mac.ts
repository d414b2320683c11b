// SPDX-License-Identifier: Apache-2.0
import { AddressError, quote } from './address.ts';

/** A hardware address as a number of 48 bits. */
export interface Mac {
  readonly value: number;
}

/** Parses a MAC of six pairs of hex digits, in either case. */
export function parseMac(text: string): Mac {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) {
    throw new AddressError(`${quote(text)} is not a hardware address such as 06:12:34:56:78:9a`);
  }
  return { value: Number.parseInt(text.replaceAll(':', ''), 16) };
}

/** The canonical text of a MAC: lower case, with colons. */
export function formatMac(mac: Mac): string {
  return [...macBytes(mac)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** The six bytes of a MAC, as on the wire. */
export function macBytes(mac: Mac): Uint8Array {
  const bytes = new Uint8Array(6);
  let rest = mac.value;
  for (let index = 5; index >= 0; index--) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** The MAC in six bytes. */
export function macOfBytes(bytes: Uint8Array): Mac {
  if (bytes.length !== 6) throw new RangeError(`no hardware address has ${bytes.length} bytes`);
  return { value: bytes.reduce((value, byte) => value * 256 + byte, 0) };
}

/** Whether two MACs are equal. */
export function sameMac(a: Mac, b: Mac): boolean {
  return a.value === b.value;
}
