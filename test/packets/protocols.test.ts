// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketBench } from './bench.ts';
import { mac, PROTOCOL, ports, TCP_FLAG, tcp } from './frame.ts';
import {
  answer,
  chain,
  destinationOf,
  echo,
  FAMILIES,
  frame,
  ICMP,
  INSTANCE,
  MAC,
  packet,
  startBench,
  toInstance,
  VNI,
} from './ground.ts';

/** One path for each protocol, then one for everything that the others leave. */
const PATHS = { TCP: 11, UDP: 12, SCTP: 13, ICMP: 14 } as const;

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([
    chain({ pathId: PATHS.TCP, ports: [{ protocol: 'TCP', port: 80 }], hops: ['far'] }),
    chain({ pathId: PATHS.UDP, ports: [{ protocol: 'UDP', port: 8000, endPort: 8010 }], hops: ['far'] }),
    chain({ pathId: PATHS.SCTP, ports: [{ protocol: 'SCTP', port: 80 }], hops: ['far'] }),
    chain({ pathId: PATHS.ICMP, ports: [{ protocol: 'ICMP' }], hops: ['far'] }),
  ]);
});
afterAll(() => bench?.close());

const sctp = (source: number, destination: number) => ports(source, destination, Buffer.alloc(12));
const instance = INSTANCE.far.id;

describe.each(FAMILIES)('over IPv%i', (family) => {
  const send = async (protocol: number, payload: Buffer) =>
    destinationOf(
      (
        await bench.cross('pod_ingress', {
          port: 'client',
          frame: frame(family, packet(family, { protocol, payload })),
        })
      ).frame,
    );
  const back = async (protocol: number, payload: Buffer) => {
    const bytes = frame(family, answer(family, { protocol, payload }), { source: MAC.server });
    return destinationOf((await bench.cross('pod_ingress', { port: 'server', frame: bytes })).frame);
  };
  const straight = mac(MAC.server);

  test.each([
    ['TCP', PATHS.TCP, PROTOCOL.tcp, tcp(1000, 80, TCP_FLAG.ack), tcp(80, 1000, TCP_FLAG.ack)],
    ['UDP', PATHS.UDP, PROTOCOL.udp, ports(1000, 8005), ports(8005, 1000)],
    ['SCTP', PATHS.SCTP, PROTOCOL.sctp, sctp(1000, 80), sctp(80, 1000)],
    ['ICMP', PATHS.ICMP, ICMP[family], echo(family), echo(family, 'reply')],
  ])('a chain of %s takes it, and its answers back', async (_, path, protocol, request, reply) => {
    expect(await send(protocol, request)).toEqual(toInstance({ path, position: 0, instance }));
    expect(await back(protocol, reply)).toEqual(toInstance({ path, position: 0, reply: true, instance }));
  });

  test.each([
    ['TCP of another port', PROTOCOL.tcp, tcp(1000, 81, TCP_FLAG.ack)],
    ['the port at the wrong end', PROTOCOL.tcp, tcp(80, 1000, TCP_FLAG.ack)],
    ['UDP before the range of ports', PROTOCOL.udp, ports(1000, 7999)],
    ['UDP behind the range of ports', PROTOCOL.udp, ports(1000, 8011)],
    ['SCTP of another port', PROTOCOL.sctp, sctp(1000, 81)],
    ['GRE', PROTOCOL.gre, Buffer.from([0, 0, 8, 0, 0, 80, 0, 80])],
    ['ESP whose first bytes look like ports', PROTOCOL.esp, ports(1000, 80, Buffer.alloc(20))],
  ])('%s is not theirs', async (_, protocol, payload) => {
    expect(await send(protocol, payload)).toEqual(straight);
  });
});

describe.each(FAMILIES)('a chain without ports, over IPv%i', (family) => {
  const path = 15;
  beforeAll(() => bench.setNetwork({ vni: VNI, chains: [chain({ pathId: path, hops: ['far'] })] }));

  test.each([
    ['TCP', PROTOCOL.tcp, tcp(1, 2, TCP_FLAG.syn)],
    ['UDP', PROTOCOL.udp, ports(1, 2)],
    ['UDP-Lite', PROTOCOL.udpLite, ports(1, 2)],
    ['SCTP', PROTOCOL.sctp, sctp(1, 2)],
    ['a ping', ICMP[family], echo(family)],
    ['GRE', PROTOCOL.gre, Buffer.from([0, 0, 8, 0])],
    ['ESP', PROTOCOL.esp, Buffer.alloc(24, 9)],
  ])('takes %s', async (_, protocol, payload) => {
    const bytes = frame(family, packet(family, { protocol, payload }));
    const { frame: out } = await bench.cross('pod_ingress', { port: 'client', frame: bytes });
    expect(destinationOf(out)).toEqual(toInstance({ path, position: 0, instance }));
  });

  test('knows flows of protocols without ports by their addresses alone', async () => {
    const portless = (await bench.flows()).filter(({ key }) => key.protocol === PROTOCOL.esp);
    expect(portless.map(({ key }) => [key.lowPort, key.highPort])).toContainEqual([0, 0]);
    expect(portless.every(({ key }) => key.lowPort === 0 && key.highPort === 0)).toBe(true);
  });
});
