// SPDX-License-Identifier: Apache-2.0
import { encodeMacTo } from '../../api/context/context.ts';
import { probeDestination, probeSource } from '../../api/context/instance.ts';
import { type Family, parseAddress } from '../../api/net/address.ts';
import { addressBytes } from '../../api/net/bytes.ts';
import { PROBE_PAYLOAD as PAYLOAD } from '../render/generated/layout.ts';

/** A probe or heartbeat. Layout: docs/architecture.md, agent/bpf/maps.h. */

export interface ProbeFrame {
  readonly bytes: Uint8Array;
  /** Offset of the round (u32), which the time (u64) follows. */
  readonly stampAt: number;
}

const ETHERNET = 14;
const UDP = 8;
const STAMP = 12;
const PORT = 9; // discard: a host that receives such a packet by mistake drops it
const TTL = 64;
const PROTOCOL_UDP = 17;
const IP_HEADER: Readonly<Record<Family, number>> = { 4: 20, 6: 40 };
const ETHER_TYPE: Readonly<Record<Family, number>> = { 4: 0x0800, 6: 0x86dd };

/** Renders a probe, which goes through the chain0 of an instance of this node and out again. */
export function renderProbe(instance: number, family: Family): ProbeFrame {
  return renderFrame(instance, family);
}

/** Renders a heartbeat to a node and back: the node's data path returns it, so its agent need not run. */
export function renderHeartbeat(vtep: Uint8Array): ProbeFrame {
  const frame = renderFrame(0, 4);
  frame.bytes.set(vtep, frame.stampAt + STAMP);
  return frame;
}

function renderFrame(instance: number, family: Family): ProbeFrame {
  const header = ETHERNET + IP_HEADER[family];
  const bytes = Buffer.alloc(header + UDP + PAYLOAD);
  bytes.set(encodeMacTo({ path: 0, position: 0, isProbe: true, instance }), 0);
  bytes.set([0x02, 0x48, 0x65, 0x64, 0x64, 0x01], 6);
  bytes.writeUInt16BE(ETHER_TYPE[family], 12);
  bytes.set(family === 4 ? ipv4Header() : ipv6Header(), ETHERNET);
  bytes.writeUInt16BE(PORT, header);
  bytes.writeUInt16BE(PORT, header + 2);
  // No checksum: the payload changes with each round, and forwarding does not check it.
  bytes.writeUInt16BE(UDP + PAYLOAD, header + 4);
  return { bytes, stampAt: header + UDP };
}

function ipv4Header(): Buffer {
  const header = Buffer.alloc(IP_HEADER[4]);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(header.length + UDP + PAYLOAD, 2);
  header.writeUInt8(TTL, 8);
  header.writeUInt8(PROTOCOL_UDP, 9);
  header.set(endsOf(4), 12);
  header.writeUInt16BE(checksum(header), 10);
  return header;
}

function ipv6Header(): Buffer {
  const header = Buffer.alloc(IP_HEADER[6]);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(UDP + PAYLOAD, 4);
  header.writeUInt8(PROTOCOL_UDP, 6);
  header.writeUInt8(TTL, 7);
  header.set(endsOf(6), 8);
  return header;
}

/** Source and destination address of a header. */
function endsOf(family: Family): Buffer {
  return Buffer.concat([probeSource, probeDestination].map((end) => addressBytes(parseAddress(end[family]))));
}

function checksum(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}
