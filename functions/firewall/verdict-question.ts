// SPDX-License-Identifier: Apache-2.0
import { type Address, quote, tryParseAddress } from '../../api/net/address.ts';
import { PROTOCOLS } from './match.ts';

/** The packet that a verdict is asked for. */
export interface VerdictQuestion {
  /** Id of the path that it is on. */
  readonly path: number;
  /** Whether the packet is in the reply direction of its chain. */
  readonly reply: boolean;
  readonly protocol: number;
  readonly source: Address;
  readonly destination: Address;
  /** 0 where the protocol has none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The type of an ICMP or ICMPv6 packet. */
  readonly icmpType: number;
}

type Query = Readonly<Record<string, unknown>>;

/** Pure: parses the query of a request; returns one sentence that says what is wrong when it is not valid. */
export function parseQuestion(query: Query): VerdictQuestion | string {
  const numbers = {
    path: numberOf(query, 'path', 65535),
    protocol: numberOf(query, 'protocol', 255),
    sourcePort: numberOf(query, 'sourcePort', 65535, 0),
    destinationPort: numberOf(query, 'destinationPort', 65535, 0),
    icmpType: numberOf(query, 'icmpType', 255, -1),
  };
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined) return `${name}: ${quote(textOf(query[name]))} is not a number that it can be`;
  }
  const source = tryParseAddress(textOf(query.source));
  const destination = tryParseAddress(textOf(query.destination));
  if (!source) return `source: ${quote(textOf(query.source))} is not an address`;
  if (!destination) return `destination: ${quote(textOf(query.destination))} is not an address`;
  if (source.family !== destination.family) return 'source and destination are not of one family';
  const { protocol = 0 } = numbers;
  return {
    path: numbers.path ?? 0,
    reply: query.reply === 'true',
    protocol,
    source,
    destination,
    sourcePort: numbers.sourcePort ?? 0,
    destinationPort: numbers.destinationPort ?? 0,
    icmpType: numbers.icmpType === -1 ? echoRequest(protocol) : (numbers.icmpType ?? 0),
  };
}

/** The text of a parameter; empty when it is absent, or is there more than once. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The default ICMP type: that of a ping. */
function echoRequest(protocol: number): number {
  return protocol === PROTOCOLS.ICMPv6 ? 128 : 8;
}

function numberOf(query: Query, name: string, most: number, absent?: number): number | undefined {
  const text = query[name];
  if (text === undefined) return absent;
  if (typeof text !== 'string' || !/^\d{1,5}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}
