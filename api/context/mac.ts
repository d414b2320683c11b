// SPDX-License-Identifier: Apache-2.0
import { AddressError, quote } from '../net/address.ts';
import { type Mac, macBytes, parseMac } from '../net/mac.ts';
import { CTX_MAC_FROM, CTX_MAC_TO } from './generated/context.ts';

/**
 * Parses the MAC that a user pins for a Port. It must be the MAC of one interface, and not one by which the data path
 * recognises its own frames.
 */
export function parsePortMac(text: string): Mac {
  const mac = parseMac(text);
  const complaint = portMacComplaint(macBytes(mac));
  if (complaint !== undefined) throw new AddressError(`${quote(text)} ${complaint}`);
  return mac;
}

/** Why a MAC cannot belong to a Port; undefined when it can. */
function portMacComplaint(bytes: Uint8Array): string | undefined {
  const [first = 0, ...rest] = bytes;
  if (bytes.every((byte) => byte === 0)) return 'is no hardware address of an interface: it is all zero';
  if ((first & 1) === 1) return 'is a multicast address: the second digit must be even';
  if (first === CTX_MAC_TO) return 'begins with 0a, which the data path keeps for itself';
  if (first === CTX_MAC_FROM && rest.slice(0, 3).every((byte) => byte === 0)) {
    return 'begins with 0e:00:00:00, which the data path keeps for itself';
  }
  return undefined;
}
