import type { NetlinkMessage } from '../protocol.ts';
import { buildMessage, familyOf, NLM, raw } from './message.ts';
import { parseMessage } from './parse.ts';

const RTM = { newNeighbour: 28, getNeighbour: 30 } as const;
const NDA = { dst: 1, lladdr: 2 } as const;
const NUD_PERMANENT = 0x80;
const NDMSG_SIZE = 12;

export interface Neighbour {
  readonly ifindex: number;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly mac: Uint8Array;
}

export interface ObservedNeighbour extends Neighbour {
  readonly permanent: boolean;
}

/** A neighbour that is never asked for and never forgotten. */
export function putPermanentNeighbour(neighbour: Neighbour): NetlinkMessage {
  const header = Buffer.alloc(NDMSG_SIZE);
  header.writeUInt8(familyOf(neighbour.address), 0);
  header.writeInt32LE(neighbour.ifindex, 4);
  header.writeUInt16LE(NUD_PERMANENT, 8);
  return buildMessage({
    type: RTM.newNeighbour,
    flags: NLM.create | NLM.replace,
    header,
    attributes: [raw(NDA.dst, neighbour.address), raw(NDA.lladdr, neighbour.mac)],
  });
}

/** Every neighbour of a family in the namespace. */
export function dumpNeighbours(family: number): NetlinkMessage {
  const header = Buffer.alloc(NDMSG_SIZE);
  header.writeUInt8(family, 0);
  return buildMessage({ type: RTM.getNeighbour, flags: NLM.dump, header, attributes: [] });
}

export function parseNeighbour(message: Uint8Array): ObservedNeighbour {
  const { header, attributes } = parseMessage(message, NDMSG_SIZE);
  return {
    ifindex: header.readInt32LE(4),
    address: attributes.get(NDA.dst) ?? new Uint8Array(0),
    mac: attributes.get(NDA.lladdr) ?? new Uint8Array(0),
    permanent: (header.readUInt16LE(8) & NUD_PERMANENT) !== 0,
  };
}
