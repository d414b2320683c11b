import ipaddr from 'ipaddr.js';
import type { AddressBytes } from './generated/layout.ts';
import { ADDRESS_BITS, type Prefix } from './prefix.ts';

/** Bits before the IPv4 part of a mapped address. */
const MAPPED_BITS = 96;

/**
 * An address of a compiled object (already checked by the operator) as the maps have it.
 * @throws when the text is not an address
 */
export function parseMappedAddress(text: string): Prefix {
  return { bytes: parseDottedQuad(text) ?? mappedBytes(ipaddr.parse(text)), length: ADDRESS_BITS };
}

/** The one form of nearly all addresses, at a fiftieth of what the library takes; undefined for any other. */
function parseDottedQuad(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16);
  bytes.fill(0xff, 10, 12);
  let at = 12;
  let digits = 0;
  let value = 0;
  for (let index = 0; index <= text.length; index++) {
    const digit = index === text.length ? DOT : text.charCodeAt(index);
    if (digit === DOT) {
      if (digits === 0 || value > 255 || at === 16) return undefined;
      bytes[at++] = value;
      digits = value = 0;
    } else {
      // A zero in front may mean an octal number: that is for the library to judge.
      if (digit < ZERO || digit > ZERO + 9 || (digits === 1 && value === 0)) return undefined;
      value = value * 10 + digit - ZERO;
      digits += 1;
    }
  }
  return at === 16 ? bytes : undefined;
}

const DOT = 0x2e;
const ZERO = 0x30;

/** The same for a CIDR; host bits are cleared. */
export function parseMappedCidr(text: string): Prefix {
  const [address, length] = ipaddr.parseCIDR(text);
  const mapped = length + (address.kind() === 'ipv4' ? MAPPED_BITS : 0);
  return { bytes: maskBytes(mappedBytes(address), mapped), length: mapped };
}

export function isMappedIpv4(bytes: AddressBytes): boolean {
  for (let index = 0; index < 10; index++) if (bytes[index] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

function mappedBytes(address: ipaddr.IPv4 | ipaddr.IPv6): Uint8Array {
  const ipv6 = address instanceof ipaddr.IPv4 ? address.toIPv4MappedAddress() : address;
  return Uint8Array.from(ipv6.toByteArray());
}

function maskBytes(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, length - index * 8));
    return byte & (0xff00 >> kept) & 0xff;
  });
}
