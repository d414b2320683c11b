// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { END_F_ANSWERS, END_F_POD_IS_LOW, type EndKey } from '../../agent/render/generated/layout.ts';
import { parseAddress } from '../../api/net/address.ts';
import { mappedBytes } from '../../api/net/mapped.ts';
import type { PacketBench } from './bench.ts';
import { PROTOCOL, ports } from './frame.ts';
import { ADDRESS, chain, frame, MAC, packet, startBench, VNI } from './ground.ts';
import type { EndEntry } from './replacer.ts';

const BALANCED_PATH = 7;
const OTHER_PATH = 8;
const ANSWERS = 300_000;

let bench: PacketBench;
beforeAll(async () => {
  const udp = (port: number) => [{ protocol: 'UDP', port } as const];
  bench = await startBench([
    chain({ pathId: BALANCED_PATH, hops: ['balancer'], ports: udp(80) }),
    chain({ pathId: OTHER_PATH, hops: ['custom'], ports: udp(81) }),
  ]);
});
afterAll(() => bench?.close());

/** The end of a flow from a port of the client to the server, which is the pod here. */
function endOf(port: number, path: number): EndEntry {
  const [client, server] = [ADDRESS[4].client, ADDRESS[4].server].map((text) =>
    mappedBytes(parseAddress(text)),
  );
  const isClientLow = Buffer.compare(client!, server!) < 0;
  const [low, high] = isClientLow ? [client!, server!] : [server!, client!];
  const [lowPort, highPort] = isClientLow ? [port, 80] : [80, port];
  const key: EndKey = { vni: VNI, lowPort, highPort, low, high, protocol: PROTOCOL.udp };
  const flags = END_F_ANSWERS | (isClientLow ? 0 : END_F_POD_IS_LOW);
  const unused = { seen: 0, port: 0, address: new Uint8Array(16), until: 0, epoch: 0, toldAt: 0 };
  return { key, end: { path, flags, ...unused } };
}

const answerTo = (port: number) => ({
  port: 'server',
  frame: frame(
    4,
    packet(4, { payload: ports(80, port), source: ADDRESS[4].server, destination: ADDRESS[4].client }),
    { source: MAC.server, destination: MAC.client },
  ),
});

describe('an entry of ends whose memory is given to another flow while it is read', () => {
  test('is not taken for that of the other flow', async () => {
    const other = endOf(2000, OTHER_PATH);
    await bench.besideReplacements([endOf(1000, BALANCED_PATH), other], () =>
      bench.flood('pod_ingress', answerTo(1000), ANSWERS),
    );
    const sent = await bench.hopPackets();
    expect(sent.get(BALANCED_PATH)).toBeGreaterThan(0);
    expect(sent.get(OTHER_PATH) ?? 0).toBe(0);
  });
});
