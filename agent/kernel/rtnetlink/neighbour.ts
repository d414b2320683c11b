// SPDX-License-Identifier: Apache-2.0
import type { Address, Family } from '../../../api/net/address.ts';
import type { Mac } from '../../../api/net/mac.ts';
import type { NetlinkMessage } from '../protocol.ts';
import { AF, buildMessage, ip, mac, NLM } from './message.ts';
import { addressOf, macOf, parseMessage } from './parse.ts';

const RTM = { newNeighbour: 28, getNeighbour: 30 } as const;
const NDA = { dst: 1, lladdr: 2 } as const;
const NUD_PERMANENT = 0x80;
const NDMSG_SIZE = 12;

export interface Neighbour {
  readonly ifindex: number;
  readonly address: Address;
  readonly mac: Mac;
}

export interface ObservedNeighbour extends Omit<Neighbour, 'mac'> {
  /** The MAC; undefined if it is not known, or the link is not Ethernet. */
  readonly mac: Mac | undefined;
  readonly permanent: boolean;
}

/** Adds a permanent neighbour, which is never solicited and never expires. */
export function putPermanentNeighbour(neighbour: Neighbour): NetlinkMessage {
  const header = Buffer.alloc(NDMSG_SIZE);
  header.writeUInt8(AF[neighbour.address.family], 0);
  header.writeInt32LE(neighbour.ifindex, 4);
  header.writeUInt16LE(NUD_PERMANENT, 8);
  return buildMessage({
    type: RTM.newNeighbour,
    flags: NLM.create | NLM.replace,
    header,
    attributes: [ip(NDA.dst, neighbour.address), mac(NDA.lladdr, neighbour.mac)],
  });
}

/** Every neighbour of a family in the namespace. */
export function dumpNeighbours(family: Family): NetlinkMessage {
  const header = Buffer.alloc(NDMSG_SIZE);
  header.writeUInt8(AF[family], 0);
  return buildMessage({ type: RTM.getNeighbour, flags: NLM.dump, header, attributes: [] });
}

/** Parses a neighbour; undefined for an entry without an address. */
export function parseNeighbour(message: Uint8Array): ObservedNeighbour | undefined {
  const { header, attributes } = parseMessage(message, NDMSG_SIZE);
  const address = addressOf(attributes.get(NDA.dst));
  if (address === undefined) return undefined;
  return {
    ifindex: header.readInt32LE(4),
    address,
    mac: macOf(attributes.get(NDA.lladdr)),
    permanent: (header.readUInt16LE(8) & NUD_PERMANENT) !== 0,
  };
}
