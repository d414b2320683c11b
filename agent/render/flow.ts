// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../../api/net/address.ts';
import { mappedBytes } from '../../api/net/mapped.ts';
import { encodeFlowKey, FLOW_PIN, type FlowKey } from './generated/layout.ts';

/** The tuple that a packet has on one segment of its path; ports are 0 if the protocol has none. */
export interface FlowTuple {
  readonly protocol: number;
  readonly source: Address;
  readonly destination: Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** The key of an entry of `flows`, by default of a pin. Both directions have the same key (`make_flow_key`, bpf/work.h). */
export function renderFlowKey(
  tuple: FlowTuple,
  place: { readonly path: number; readonly segment: number; readonly kind?: number },
): FlowKey {
  const source = { address: mappedBytes(tuple.source), port: tuple.sourcePort };
  const destination = { address: mappedBytes(tuple.destination), port: tuple.destinationPort };
  const order = compareWords(source.address, destination.address);
  const sourceIsLow = order < 0 || (order === 0 && source.port <= destination.port);
  const [low, high] = sourceIsLow ? [source, destination] : [destination, source];
  return {
    kind: FLOW_PIN,
    ...place,
    protocol: tuple.protocol,
    low: low.address,
    high: high.address,
    lowPort: low.port,
    highPort: high.port,
  };
}

/** Orders addresses as the data path does: as four words in the machine's byte order, not byte by byte. */
function compareWords(a: Uint8Array, b: Uint8Array): number {
  const left = new DataView(a.buffer, a.byteOffset);
  const right = new DataView(b.buffer, b.byteOffset);
  for (let at = 0; at < 16; at += 4) {
    const difference = left.getUint32(at, true) - right.getUint32(at, true);
    if (difference !== 0) return difference;
  }
  return 0;
}

const TUPLE_START = 4;

/**
 * MurmurHash3 (x86, 32 bits) of a flow's tuple, without path and segment: `hash_flow` in agent/bpf/choose.h. The slot in a
 * Maglev table is the hash modulo TABLE_SLOTS.
 */
export function hashFlow(key: FlowKey): number {
  const bytes = encodeFlowKey(key);
  const words = new DataView(bytes.buffer);
  let hash = key.protocol;
  for (let at = TUPLE_START; at < bytes.length; at += 4) hash = mix(hash, words.getUint32(at, true));
  return finish(hash);
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotate(hash ^ mixed, 13), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  const first = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return (second ^ (second >>> 16)) >>> 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** A hash of a number, for an even distribution that is the same on every node. */
export function hashNumber(value: number, seed: number): number {
  return finish(mix(seed, value));
}
