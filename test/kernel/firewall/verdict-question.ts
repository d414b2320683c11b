// SPDX-License-Identifier: Apache-2.0
import { parseAddress } from '../../../api/net/address.ts';
import type { VerdictQuestion } from '../../../functions/firewall/verdict-question.ts';
import type { Packet } from './packets.ts';

const NUMBERS = { TCP: 6, UDP: 17, SCTP: 132, ICMP: 1, ICMPv6: 58, Other: 50 } as const;
const HAS_PORTS = new Set(['TCP', 'UDP', 'SCTP']);

/** The question to `/verdict` about a packet of a test. */
export function questionOf(packet: Packet): VerdictQuestion {
  const ports = HAS_PORTS.has(packet.protocol);
  return {
    path: packet.context.path,
    reply: packet.context.reply === true,
    protocol: NUMBERS[packet.protocol],
    source: parseAddress(packet.source),
    destination: parseAddress(packet.destination),
    sourcePort: ports ? packet.sourcePort : 0,
    destinationPort: ports ? packet.destinationPort : 0,
    icmpType: packet.icmpType,
  };
}
