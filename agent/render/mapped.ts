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
  return { bytes: mappedBytes(ipaddr.parse(text)), length: ADDRESS_BITS };
}

/** The same for a CIDR; host bits are cleared. */
export function parseMappedCidr(text: string): Prefix {
  const [address, length] = ipaddr.parseCIDR(text);
  const mapped = length + (address.kind() === 'ipv4' ? MAPPED_BITS : 0);
  return { bytes: maskBytes(mappedBytes(address), mapped), length: mapped };
}

export function isMappedIpv4(bytes: AddressBytes): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
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
