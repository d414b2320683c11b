import ipaddr from 'ipaddr.js';

/** A prefix as bytes; 4 or 16 of them. */
export interface Prefix {
  readonly address: Uint8Array;
  readonly prefixLength: number;
}

/** 4 or 16 bytes; throws on what is no address. */
export function parseAddressBytes(text: string): Uint8Array {
  return Uint8Array.from(ipaddr.parse(text).toByteArray());
}

export function parsePrefix(cidr: string): Prefix {
  const [address, prefixLength] = ipaddr.parseCIDR(cidr);
  return { address: Uint8Array.from(address.toByteArray()), prefixLength };
}

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

export function parseMac(text: string): Uint8Array {
  if (!MAC.test(text)) throw new Error(`${text} is not a MAC address`);
  return Uint8Array.from(Buffer.from(text.replaceAll(':', ''), 'hex'));
}

export function isIpv4(address: Uint8Array): boolean {
  return address.length === 4;
}

/** Whether the prefix holds the address; never across families. */
export function contains(prefix: Prefix, address: Uint8Array): boolean {
  if (prefix.address.length !== address.length) return false;
  const whole = prefix.prefixLength >> 3;
  const rest = prefix.prefixLength & 7;
  for (let index = 0; index < whole; index += 1) {
    if (prefix.address[index] !== address[index]) return false;
  }
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((prefix.address[whole]! ^ address[whole]!) & mask) === 0;
}

/** Equal for equal prefixes, and in an order that a person would choose. */
export function prefixKey(prefix: Prefix): string {
  return `${prefix.address.length} ${Buffer.from(prefix.address).toString('hex')}/${prefix.prefixLength}`;
}
