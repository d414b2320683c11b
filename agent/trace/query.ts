// SPDX-License-Identifier: Apache-2.0
import { type Address, tryParseAddress } from '../../api/net/address.ts';
import type { PathPlace, TracePlace } from '../../api/trace.ts';
import type { Packet } from './packet.ts';

/** The error of an invalid query; the message names the parameter. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

type Query = Readonly<Record<string, unknown>>;

/**
 * Pure: parses the query of a request. The names of the parameters are those of TracedPacket and TracePlace.
 * @throws QueryError
 */
export function parseQuery(query: Query): { readonly packet: Packet; readonly place: TracePlace } {
  return { packet: parsePacket(query), place: parsePlace(query) };
}

function parsePacket(query: Query): Packet {
  const source = addressOf(query, 'source');
  const destination = addressOf(query, 'destination');
  if (source.family !== destination.family) {
    throw new QueryError('source and destination are not of one family');
  }
  return {
    source,
    destination,
    protocol: numberOf(query, 'protocol', 255),
    sourcePort: numberOf(query, 'sourcePort', 65535, 0),
    destinationPort: numberOf(query, 'destinationPort', 65535, 0),
    opens: query.opens === 'true',
  };
}

function parsePlace(query: Query): TracePlace {
  switch (query.kind) {
    case 'Port': {
      const { port } = query;
      if (typeof port !== 'string' || !port.includes('/')) throw new QueryError('port is not namespace/name');
      return { kind: 'Port', port, reply: query.reply === 'true' };
    }
    case 'Instance':
      return { kind: 'Instance', instance: numberOf(query, 'instance', 65535), ...parsePathPlace(query) };
    case 'Arrival':
      return {
        kind: 'Arrival',
        instance: numberOf(query, 'instance', 65535),
        emitter: numberOf(query, 'emitter', 65535, 0),
        emitterPosition: numberOf(query, 'emitterPosition', 16),
        bounces: numberOf(query, 'bounces', 3, 0),
        ...parsePathPlace(query),
      };
    case 'Delivery':
      return { kind: 'Delivery', vni: numberOf(query, 'vni', 16777215) };
    default:
      throw new QueryError('kind is not Port, Instance, Arrival or Delivery');
  }
}

function parsePathPlace(query: Query): PathPlace {
  return {
    path: numberOf(query, 'path', 65535),
    position: numberOf(query, 'position', 15),
    reply: query.reply === 'true',
  };
}

function addressOf(query: Query, name: string): Address {
  const text = query[name];
  const address = typeof text === 'string' ? tryParseAddress(text) : undefined;
  if (address === undefined) throw new QueryError(`${name} is not an address`);
  return address;
}

function numberOf(query: Query, name: string, most: number, absent?: number): number {
  const text = query[name];
  if (text === undefined && absent !== undefined) return absent;
  const value = typeof text === 'string' && /^\d{1,8}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new QueryError(`${name} is not a number from 0 to ${most}`);
  return value;
}
