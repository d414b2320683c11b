// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../../../api/net/address.ts';
import type { NetlinkMessage } from '../protocol.ts';
import { AF, AF_UNSPEC, buildMessage, ip, NLM, u32 } from './message.ts';
import { addressOf, parseMessage, u32Of } from './parse.ts';

const RTM = { newAddress: 20, delAddress: 21, getAddress: 22 } as const;
const IFA = { address: 1, local: 2, flags: 8 } as const;
const IFADDR_SIZE = 8;

/** No duplicate address detection: an allocated address is unique. */
export const IFA_F_NODAD = 0x02;
/** The kernel makes no prefix route: the agent makes all routes, with its own mark. */
export const IFA_F_NOPREFIXROUTE = 0x200;
export const SCOPE_UNIVERSE = 0;
export const SCOPE_LINK = 253;

export interface InterfaceAddress {
  readonly ifindex: number;
  readonly address: Address;
  readonly prefixLength: number;
}

export interface ObservedAddress extends InterfaceAddress {
  readonly scope: number;
  readonly flags: number;
}

/** Adds an address, or changes the existing one. */
export function putAddress(address: InterfaceAddress, flags: number): NetlinkMessage {
  return buildMessage({
    type: RTM.newAddress,
    flags: NLM.create | NLM.replace,
    header: ifaddr(address),
    attributes: [ip(IFA.local, address.address), ip(IFA.address, address.address), u32(IFA.flags, flags)],
  });
}

/** Deletes an address; tolerates that it does not exist. */
export function deleteAddress(address: InterfaceAddress): NetlinkMessage {
  return buildMessage({
    type: RTM.delAddress,
    flags: 0,
    header: ifaddr(address),
    attributes: [ip(IFA.local, address.address), ip(IFA.address, address.address)],
    tolerate: ['EADDRNOTAVAIL'],
  });
}

/** Addresses of one interface, of both families; of all interfaces when none is given. */
export function dumpAddresses(ifindex = 0): NetlinkMessage {
  const header = Buffer.alloc(IFADDR_SIZE);
  header.writeUInt8(AF_UNSPEC, 0);
  header.writeUInt32LE(ifindex, 4);
  return buildMessage({
    type: RTM.getAddress,
    flags: NLM.dump,
    header,
    attributes: [],
    tolerate: ['ENODEV'],
  });
}

/** Parses an address of an answer; undefined if it is neither IPv4 nor IPv6. */
export function parseInterfaceAddress(message: Uint8Array): ObservedAddress | undefined {
  const { header, attributes } = parseMessage(message, IFADDR_SIZE);
  const address = addressOf(attributes.get(IFA.local) ?? attributes.get(IFA.address));
  if (address === undefined) return undefined;
  return {
    ifindex: header.readUInt32LE(4),
    address,
    prefixLength: header.readUInt8(1),
    scope: header.readUInt8(3),
    flags: u32Of(attributes.get(IFA.flags)) ?? header.readUInt8(2),
  };
}

function ifaddr(address: InterfaceAddress): Buffer {
  const header = Buffer.alloc(IFADDR_SIZE);
  header.writeUInt8(AF[address.address.family], 0);
  header.writeUInt8(address.prefixLength, 1);
  header.writeUInt32LE(address.ifindex, 4);
  return header;
}
