// SPDX-License-Identifier: Apache-2.0
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FlowTuple, hashFlow, renderFlowKey } from '../../agent/render/flow.ts';
import { encodeFlowKey, TABLE_SLOTS } from '../../agent/render/generated/layout.ts';
import { renderMaglevTable } from '../../agent/render/maglev.ts';
import { type Address, bitsOf, formatAddress } from '../../api/net/address.ts';
import { addressOfBytes } from '../../api/net/bytes.ts';
import { random } from '../support/seed.ts';
import type { PacketBench } from './bench.ts';
import { PROTOCOL, ports, TCP_FLAG, tcp } from './frame.ts';
import {
  chain,
  FAMILIES,
  type Family,
  frame,
  INSTANCE,
  instanceOf,
  ownMacOf,
  packet,
  startBench,
  toInstance,
} from './ground.ts';

// What the agent's `trace` says must be what the kernel does: key, hash and slot of a flow, for any tuple.

const PATH = 9;
const MEMBERS = ['p1', 'p2', 'p3', 'p4'] as const;
const table = renderMaglevTable(MEMBERS.map((name) => ({ id: INSTANCE[name].id, weight: 100 })));

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([chain({ pathId: PATH, hops: ['near', { instances: MEMBERS }] })]);
});
afterAll(() => bench?.close());

function address(family: Family, number: () => number): Address {
  const bytes = Uint8Array.from({ length: bitsOf(family) / 8 }, () => number());
  return addressOfBytes(bytes);
}

function payloadOf({ protocol, sourcePort, destinationPort }: FlowTuple): Buffer {
  if (protocol === PROTOCOL.tcp) return tcp(sourcePort, destinationPort, TCP_FLAG.ack);
  return protocol === PROTOCOL.esp ? Buffer.alloc(8, 3) : ports(sourcePort, destinationPort);
}

function tuples(family: Family): readonly FlowTuple[] {
  const number = random(family);
  return Array.from({ length: 500 }, (_, index) => {
    const protocol = [PROTOCOL.udp, PROTOCOL.tcp, PROTOCOL.sctp, PROTOCOL.esp][index % 4] ?? PROTOCOL.udp;
    const hasPorts = protocol !== PROTOCOL.esp;
    const source = address(family, number);
    return {
      protocol,
      source,
      // Some flows of an address to itself: then the ports alone say which end is which.
      destination: index % 10 === 9 ? source : address(family, number),
      sourcePort: hasPorts ? number() & 0xffff : 0,
      destinationPort: hasPorts ? number() & 0xffff : 0,
    };
  });
}

/** As if the first hop had sent it: functions may make any tuple of a flow. */
async function emit(family: Family, tuple: FlowTuple): Promise<number> {
  const { source, destination, protocol } = tuple;
  const [from, to] = [formatAddress(source), formatAddress(destination)];
  const bytes = packet(family, { source: from, destination: to, protocol, payload: payloadOf(tuple) });
  const ends = {
    source: ownMacOf('near'),
    destination: toInstance({ path: PATH, position: 0 }).toString('hex'),
  };
  return instanceOf(
    (await bench.cross('fn_ingress', { port: 'near', frame: frame(family, bytes, ends) })).frame,
  );
}

test.each(FAMILIES)(
  'the kernel and the agent have the same key, hash and slot of any flow, over IPv%i',
  async (family) => {
    await bench.forgetFlows();
    const expected = new Set<string>();
    for (const tuple of tuples(family)) {
      const key = renderFlowKey(tuple, { path: PATH, segment: 1 });
      expected.add(Buffer.from(encodeFlowKey(key)).toString('hex'));
      expect(await emit(family, tuple), inspect(tuple)).toBe(table[hashFlow(key) % TABLE_SLOTS]);
    }
    const found = (await bench.flows()).map(({ key }) => Buffer.from(encodeFlowKey(key)).toString('hex'));
    expect(new Set(found)).toEqual(expected);
  },
);

test.each(FAMILIES)('both directions of a flow have one key, over IPv%i', (family) => {
  for (const tuple of tuples(family)) {
    const { source, destination, sourcePort, destinationPort } = tuple;
    const back = {
      ...tuple,
      source: destination,
      destination: source,
      sourcePort: destinationPort,
      destinationPort: sourcePort,
    };
    expect(renderFlowKey(back, { path: 1, segment: 0 })).toEqual(
      renderFlowKey(tuple, { path: 1, segment: 0 }),
    );
  }
});
