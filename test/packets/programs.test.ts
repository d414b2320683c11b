import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assembleChain, type Chain } from '../../agent/render/chain.ts';
import { renderInstancePort, renderPodPort, renderSlice } from '../kernel/world/resources.ts';
import { PacketBench } from './bench.ts';
import {
  arp,
  checksum,
  ETHERTYPE,
  ethernet,
  type IpOptions,
  icmp,
  ipv4,
  ipv6,
  mac,
  neighbourSolicitation,
  PROTOCOL,
  ports,
  tcp,
} from './frame.ts';

const objectFile = new URL('../../dist/heddle.bpf.o', import.meta.url).pathname;
const VNI = 4097;
const DROP = 2;
const REDIRECT = 7;
const MAC = {
  client: '06:00:00:00:00:01',
  server: '06:00:00:00:00:02',
  remote: '06:00:00:00:00:03',
} as const;
const INSTANCE = '0e:00:00:00:00:01';

const pod = (name: string, index: number, node: string) =>
  renderPodPort({
    name,
    node,
    network: 'shop',
    vni: VNI,
    addresses: [`10.20.0.${index}`, `fd20::${index}`],
    index,
  });
const PORTS = [
  pod('client', 1, 'here'),
  pod('server', 2, 'here'),
  pod('remote', 3, 'there'),
  renderInstancePort({ name: 'near', node: 'here', id: 1 }),
  renderInstancePort({ name: 'far', node: 'there', id: 2 }),
];

function chain(
  pathId: number,
  port: number,
  hops: readonly string[],
  protocol: 'TCP' | 'UDP' = 'UDP',
): Chain {
  const slice = renderSlice(
    {
      name: `chain-${pathId}`,
      network: 'shop',
      pathId,
      hops,
      ports: [{ protocol, port }],
      from: { any: false, addresses: ['10.20.0.1', 'fd20::1'] },
      to: { any: false, addresses: ['10.20.0.2', 'fd20::2', '10.20.0.3', 'fd20::3'] },
    },
    { vni: VNI, ports: PORTS },
  );
  return assembleChain(`test/chain-${pathId}`, [slice])!;
}

let bench: PacketBench;
beforeAll(async () => {
  bench = await PacketBench.create({
    objectFile,
    vni: VNI,
    ports: PORTS,
    chains: [
      chain(7, 53, ['near', 'far']),
      chain(8, 54, ['far', 'near']),
      chain(9, 55, ['']),
      chain(10, 80, ['near'], 'TCP'),
    ],
    remoteVtep: '172.31.0.2',
  });
}, 60_000);
afterAll(() => bench?.close());

const from = (source: string, type: number, payload: Buffer, destination: string = MAC.server) =>
  ethernet({ source, destination, type, payload });
const v4 = (options: Partial<IpOptions> & { payload: Buffer }) =>
  from(
    MAC.client,
    ETHERTYPE.ipv4,
    ipv4({ source: '10.20.0.1', destination: '10.20.0.2', protocol: PROTOCOL.udp, ...options }),
  );
const v6 = (options: Partial<IpOptions> & { payload: Buffer }) =>
  from(
    MAC.client,
    ETHERTYPE.ipv6,
    ipv6({ source: 'fd20::1', destination: 'fd20::2', protocol: PROTOCOL.udp, ...options }),
  );
const destinationOf = (frame: Buffer) => frame.subarray(0, 6);
const sourceOf = (frame: Buffer) => frame.subarray(6, 12);
const send = (frame: Buffer, port = 'client') => bench.run('pod_ingress', { port, frame });

describe('neighbours', () => {
  test('a question by ARP for a Port of the network is answered with its hardware address', async () => {
    const question = arp({
      operation: 1,
      senderMac: MAC.client,
      senderIp: '10.20.0.1',
      targetIp: '10.20.0.3',
    });
    const { action, frame } = await send(from(MAC.client, ETHERTYPE.arp, question, 'ff:ff:ff:ff:ff:ff'));
    expect(action).toBe(REDIRECT);
    const reply = arp({
      operation: 2,
      senderMac: MAC.remote,
      senderIp: '10.20.0.3',
      targetMac: MAC.client,
      targetIp: '10.20.0.1',
    });
    expect(frame).toEqual(
      ethernet({ source: MAC.remote, destination: MAC.client, type: ETHERTYPE.arp, payload: reply }),
    );
  });

  test('a neighbour solicitation is answered with a checksum that is right', async () => {
    const solicitation = neighbourSolicitation('fd20::3', MAC.client);
    const packet = ipv6({
      source: 'fd20::1',
      destination: 'ff02::1:ff00:3',
      protocol: PROTOCOL.icmpv6,
      payload: solicitation,
      ttl: 255,
    });
    const { action, frame } = await send(from(MAC.client, ETHERTYPE.ipv6, packet, '33:33:ff:00:00:03'));
    expect(action).toBe(REDIRECT);
    const ip = frame.subarray(14);
    const advertisement = ip.subarray(40);
    expect([advertisement[0], advertisement[1], advertisement[4]]).toEqual([136, 0, 0x60]);
    expect(advertisement.subarray(26)).toEqual(mac(MAC.remote));
    const pseudo = Buffer.concat([
      ip.subarray(8, 40),
      Buffer.from([0, 0, 0, 32, 0, 0, 0, PROTOCOL.icmpv6]),
      advertisement,
    ]);
    expect(checksum(pseudo)).toBe(0);
  });

  test('a solicitation for an address that nobody has is not answered', async () => {
    const packet = ipv6({
      source: 'fd20::1',
      destination: 'ff02::1:ff00:9',
      protocol: PROTOCOL.icmpv6,
      payload: neighbourSolicitation('fd20::9', MAC.client),
      ttl: 255,
    });
    expect(await send(from(MAC.client, ETHERTYPE.ipv6, packet, '33:33:ff:00:00:09'))).toMatchObject({
      action: DROP,
      dropped: ['no_neighbour'],
    });
  });
});

describe('a packet that no chain takes', () => {
  test('goes to the Port on this node with its hardware address, and without a mark', async () => {
    const { action, frame, mark } = await send(v4({ payload: ports(1000, 9999) }));
    expect(action).toBe(REDIRECT);
    expect(destinationOf(frame)).toEqual(mac(MAC.server));
    expect(sourceOf(frame)).toEqual(mac(MAC.client));
    expect(mark).toBe(0);
  });

  test("goes to another node with the Port's own hardware address inside", async () => {
    const { action, frame } = await send(v4({ destination: '10.20.0.3', payload: ports(1000, 9999) }));
    expect(action).toBe(REDIRECT);
    expect(destinationOf(frame)).toEqual(mac(MAC.remote));
  });

  test('is dropped when it would not fit through the network', async () => {
    const frame = v4({ destination: '10.20.0.3', payload: ports(1000, 9999, Buffer.alloc(1500)) });
    expect(await send(frame)).toMatchObject({ action: DROP, dropped: ['too_big'] });
  });
});

describe('a packet that a chain takes', () => {
  test.each([
    ['IPv4', () => v4({ payload: ports(1000, 53) })],
    ['IPv6', () => v6({ payload: ports(1000, 53) })],
  ])('enters the first hop on this node with its context as the mark, over %s', async (_, frame) => {
    const { action, mark } = await send(frame());
    expect({ action, mark }).toEqual({ action: REDIRECT, mark: 0x80000007 });
  });

  test('goes to the node of its first hop with its context as the hardware address', async () => {
    const { action, frame, mark } = await send(v4({ payload: ports(1000, 54) }));
    expect({ action, mark }).toEqual({ action: REDIRECT, mark: 0 });
    expect(destinationOf(frame)).toEqual(Buffer.from([0x0a, 0x00, 0, 8, 0, 2]));
  });

  test('a reply enters the path from its end, with its direction', async () => {
    const reply = from(
      MAC.server,
      ETHERTYPE.ipv4,
      ipv4({
        source: '10.20.0.2',
        destination: '10.20.0.1',
        protocol: PROTOCOL.udp,
        payload: ports(54, 1000),
      }),
      MAC.client,
    );
    const { action, mark } = await send(reply, 'server');
    expect({ action, mark }).toEqual({ action: REDIRECT, mark: 0xa1000008 });
  });

  test('is dropped where its hop has no instance and may not be skipped', async () => {
    expect(await send(v4({ payload: ports(1000, 55) }))).toMatchObject({
      action: DROP,
      dropped: ['hop_down'],
    });
  });

  test('a protocol or port that the chain does not name goes straight', async () => {
    const { frame } = await send(v4({ protocol: PROTOCOL.tcp, payload: tcp(1000, 53, 2) }));
    expect(destinationOf(frame)).toEqual(mac(MAC.server));
  });
});

describe('what belongs to a flow follows it', () => {
  test('an ICMP error goes the way of the packet that it quotes, reversed', async () => {
    const quoted = ipv4({
      source: '10.20.0.1',
      destination: '10.20.0.2',
      protocol: PROTOCOL.udp,
      payload: ports(1000, 53),
    });
    const error = ipv4({
      source: '10.20.0.2',
      destination: '10.20.0.1',
      protocol: PROTOCOL.icmp,
      payload: icmp(3, 3, quoted),
    });
    const { action, frame } = await send(from(MAC.server, ETHERTYPE.ipv4, error, MAC.client), 'server');
    expect(action).toBe(REDIRECT);
    expect(destinationOf(frame)).toEqual(Buffer.from([0x0a, 0x41, 0, 7, 0, 2]));
  });

  test('an ICMPv6 error too', async () => {
    const quoted = ipv6({
      source: 'fd20::1',
      destination: 'fd20::2',
      protocol: PROTOCOL.udp,
      payload: ports(1000, 53),
    });
    const error = ipv6({
      source: 'fd20::2',
      destination: 'fd20::1',
      protocol: PROTOCOL.icmpv6,
      payload: icmp(1, 4, quoted),
    });
    const { frame } = await send(from(MAC.server, ETHERTYPE.ipv6, error, MAC.client), 'server');
    expect(destinationOf(frame)).toEqual(Buffer.from([0x0a, 0x41, 0, 7, 0, 2]));
  });

  test('a ping is no error: it is a flow of its own', async () => {
    const { frame } = await send(v4({ protocol: PROTOCOL.icmp, payload: icmp(8) }));
    expect(destinationOf(frame)).toEqual(mac(MAC.server));
  });

  test.each([
    ['IPv4', v4],
    ['IPv6', v6],
  ])('a later fragment goes where the first one went, and an orphan nowhere, over %s', async (_, packet) => {
    const first = await send(
      packet({ id: 77, more: true, offset: 0, payload: ports(1000, 53, Buffer.alloc(12)) }),
    );
    expect(first.mark).toBe(0x80000007);
    const later = await send(packet({ id: 77, offset: 2, payload: Buffer.alloc(16) }));
    expect(later.mark).toBe(0x80000007);
    expect(await send(packet({ id: 78, offset: 2, payload: Buffer.alloc(16) }))).toMatchObject({
      action: DROP,
      dropped: ['unknown_fragment'],
    });
  });
});

describe('what a function emits', () => {
  const emitted = (context: readonly number[], source = INSTANCE) =>
    ethernet({
      source,
      destination: Buffer.from(context).toString('hex'),
      type: ETHERTYPE.ipv4,
      payload: ipv4({
        source: '10.20.0.1',
        destination: '10.20.0.2',
        protocol: PROTOCOL.udp,
        payload: ports(1000, 53),
      }),
    });
  const emit = (frame: Buffer) => bench.run('fn_ingress', { port: 'near', frame });

  test('goes to the next hop on its node', async () => {
    const { action, frame } = await emit(emitted([0x0a, 0x00, 0, 7, 0, 0]));
    expect(action).toBe(REDIRECT);
    expect(destinationOf(frame)).toEqual(Buffer.from([0x0a, 0x01, 0, 7, 0, 2]));
    expect(sourceOf(frame)).toEqual(Buffer.from([0x0e, 0x00, 0, 7, 0, 1]));
  });

  test('goes to the destination behind the last hop, and says who sent it', async () => {
    const { action, frame, mark } = await emit(emitted([0x0a, 0x01, 0, 8, 0, 0]));
    expect({ action, mark }).toEqual({ action: REDIRECT, mark: 0 });
    expect(destinationOf(frame)).toEqual(mac(MAC.server));
    expect(sourceOf(frame)).toEqual(Buffer.from([0x0e, 0x01, 0, 8, 0, 1]));
  });

  test.each([
    ['a path that it is not on', [0x0a, 0x00, 0, 9, 0, 0], INSTANCE, 'wrong_context'],
    ['a position that is not its own', [0x0a, 0x01, 0, 7, 0, 0], INSTANCE, 'wrong_context'],
    ['no context at all', [0x06, 0, 0, 0, 0, 2], INSTANCE, 'no_context'],
    ['another hardware address', [0x0a, 0x00, 0, 7, 0, 0], '0e:00:00:00:00:02', 'spoofed_mac'],
  ])('with %s is dropped', async (_, context, source, reason) => {
    expect(await emit(emitted(context, source))).toMatchObject({ action: DROP, dropped: [reason] });
  });
});

describe('inside a function', () => {
  const leave = (mark: number, forwarded: boolean) =>
    bench.run('fn_egress', { port: 'near', mark, forwarded, frame: v4({ payload: ports(1000, 53) }) });

  test('what it forwards keeps its context', async () => {
    const { action, frame } = await leave(0x83000007, true);
    expect(action).toBe(0);
    expect(destinationOf(frame)).toEqual(Buffer.from([0x0a, 0x03, 0, 7, 0, 0]));
  });

  test('what is born in it turns round', async () => {
    expect(destinationOf((await leave(0x83000007, false)).frame)).toEqual(
      Buffer.from([0x0a, 0x43, 0, 7, 0, 0]),
    );
    expect(destinationOf((await leave(0xa3000007, false)).frame)).toEqual(
      Buffer.from([0x0a, 0x03, 0, 7, 0, 0]),
    );
  });

  test('what has no context does not leave', async () => {
    expect(await leave(0, true)).toMatchObject({ action: DROP, dropped: ['no_context'] });
  });
});

describe('malformed packets', () => {
  const broken = (change: (frame: Buffer) => Buffer) => change(v4({ payload: ports(1000, 53) }));
  test.each<[string, Buffer]>([
    [
      'a header longer than the packet',
      broken((frame) => Buffer.from(frame.map((byte, at) => (at === 14 ? 0x4f : byte)))),
    ],
    [
      'a header length below 20',
      broken((frame) => Buffer.from(frame.map((byte, at) => (at === 14 ? 0x44 : byte)))),
    ],
    ['another version', broken((frame) => Buffer.from(frame.map((byte, at) => (at === 14 ? 0x65 : byte))))],
    ['a total length beyond the frame', v4({ length: 400, payload: ports(1000, 53) })],
    ['ports cut short', v4({ payload: Buffer.alloc(2) })],
    ['an IPv6 length beyond the frame', v6({ length: 400, payload: ports(1000, 53) })],
    ['an ICMP error that quotes nothing', v4({ protocol: PROTOCOL.icmp, payload: icmp(3, 3) })],
  ])('with %s are dropped', async (_, frame) => {
    expect(await send(frame)).toMatchObject({ action: DROP, dropped: ['malformed'] });
  });
});
