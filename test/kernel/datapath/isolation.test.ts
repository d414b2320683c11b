import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arp,
  ETHERTYPE,
  ethernet,
  type IpOptions,
  icmp,
  ipv4,
  ipv6,
  PROTOCOL,
  vxlan,
} from '../../packets/frame.ts';
import { World } from '../world/world.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;

/** Sends one frame as it is, out of the pod's interface. */
function sendFrame(frame: Buffer): readonly string[] {
  const code =
    'import socket,sys;s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW);s.bind(("net1",0));s.send(bytes.fromhex(sys.argv[1]))';
  return ['python3', '-c', code, frame.toString('hex')];
}

/** Sends one UDP datagram to the VXLAN port of a node. */
function sendVxlan(node: string, payload: Buffer): readonly string[] {
  const code =
    'import socket,sys;socket.socket(socket.AF_INET,socket.SOCK_DGRAM).sendto(bytes.fromhex(sys.argv[2]),(sys.argv[1],14789))';
  return ['python3', '-c', code, node, payload.toString('hex')];
}

const OWN = '06:00:00:00:00:01';
const PEER = '06:00:00:00:00:02';
const EVERYBODY = 'ff:ff:ff:ff:ff:ff';
const ping = icmp(8);

function ip(source: string, destination: string, more: Partial<IpOptions> = {}): Buffer {
  return ipv4({ source, destination, protocol: PROTOCOL.icmp, payload: ping, ...more });
}

function frame(payload: Buffer, more: { source?: string; destination?: string; type?: number } = {}): Buffer {
  return ethernet({ source: OWN, destination: PEER, type: ETHERTYPE.ipv4, payload, ...more });
}

describe('what a pod may not do', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.create({ nodes: ['one', 'two'], objectFile });
    await world.addNetwork({ name: 'red', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
    await world.addNetwork({ name: 'blue', vni: 4098, subnets: ['10.20.0.0/16', 'fd20::/64'] });
    await world.addPod({ name: 'a', node: 'one', network: 'red', addresses: ['10.20.0.1', 'fd20::1'] });
    await world.addPod({ name: 'b', node: 'two', network: 'red', addresses: ['10.20.0.2', 'fd20::2'] });
    // Another tenant with the same addresses, on the same nodes.
    await world.addPod({ name: 'c', node: 'one', network: 'blue', addresses: ['10.20.0.1', 'fd20::1'] });
    await world.addPod({ name: 'd', node: 'two', network: 'blue', addresses: ['10.20.0.3', 'fd20::3'] });
  }, 90_000);
  afterAll(() => world?.close());

  /** Runs `act` and answers which drop counters of `node` moved. */
  const dropped = async (node: string, act: () => Promise<unknown>): Promise<string[]> => {
    const before = await world.drops(node);
    await act();
    const after = await world.drops(node);
    return Object.keys(after).filter((reason) => (after[reason] ?? 0) > (before[reason] ?? 0));
  };

  test.each<[string, Buffer, string]>([
    [
      'a hardware address that is not its own',
      frame(ip('10.20.0.1', '10.20.0.2'), { source: '06:99:00:00:00:01' }),
      'spoofed_mac',
    ],
    ['a source address that is not its own', frame(ip('10.20.0.77', '10.20.0.2')), 'spoofed_source'],
    [
      'an IPv6 source that is not its own',
      frame(
        ipv6({ source: 'fd20::77', destination: 'fd20::2', protocol: PROTOCOL.icmpv6, payload: icmp(128) }),
        { type: ETHERTYPE.ipv6 },
      ),
      'spoofed_source',
    ],
    [
      'a VLAN tag',
      frame(Buffer.concat([Buffer.from([0, 5, 8, 0]), ip('10.20.0.1', '10.20.0.2')]), {
        type: ETHERTYPE.vlan,
      }),
      'vlan',
    ],
    ['a broadcast', frame(ip('10.20.0.1', '10.20.255.255'), { destination: EVERYBODY }), 'multicast'],
    [
      'an announcement of another address by ARP',
      frame(arp({ operation: 2, senderMac: OWN, senderIp: '10.20.0.2', targetIp: '10.20.0.2' }), {
        destination: EVERYBODY,
        type: ETHERTYPE.arp,
      }),
      'multicast',
    ],
    [
      'a question by ARP in the name of another',
      frame(arp({ operation: 1, senderMac: OWN, senderIp: '10.20.0.2', targetIp: '10.20.0.3' }), {
        destination: EVERYBODY,
        type: ETHERTYPE.arp,
      }),
      'spoofed_source',
    ],
    ['something that is not IP', frame(Buffer.alloc(60, 'x'), { type: 0x88b5 }), 'not_ip'],
    [
      'an IP header that lies about its length',
      frame(ip('10.20.0.1', '10.20.0.2', { length: 900 })),
      'malformed',
    ],
    [
      'a context of its own making',
      frame(ip('10.20.0.1', '10.20.9.9'), { destination: '0a:00:00:07:00:01' }),
      'unknown_destination',
    ],
  ])('%s is dropped and counted', async (_, bytes, reason) => {
    const reasons = await dropped('one', () => world.exec('a', sendFrame(bytes)));
    // A pod's own kernel sends router solicitations and the like at any time: they are dropped as multicast.
    expect(reasons.filter((each) => each === reason || each !== 'multicast')).toEqual([reason]);
  });

  test('an address of another network of the same node is not reachable', async () => {
    expect(await world.try('a', ['ping', '-c', '1', '-W', '1', '10.20.0.3'])).toBe(false);
    expect(await world.try('c', ['ping', '-c', '1', '-W', '1', '10.20.0.2'])).toBe(false);
  });

  test('equal addresses of two networks do not meet: each pod reaches its own network alone', async () => {
    expect(await world.exec('a', ['ping', '-c', '2', '-i', '0.05', '-W', '1', '10.20.0.2'])).toContain(
      '2 received',
    );
    expect(await world.exec('c', ['ping', '-c', '2', '-i', '0.05', '-W', '1', '10.20.0.3'])).toContain(
      '2 received',
    );
  });

  const inner = frame(ip('10.20.0.1', '10.20.0.2'));

  test('VXLAN from a host that is no node is dropped', async () => {
    await world.exec('underlay', ['ip', 'addr', 'add', '172.31.0.200/24', 'dev', 'br0']);
    const send = sendVxlan(world.nodeIp('two'), vxlan(4097, inner));
    expect(await dropped('two', () => world.exec('underlay', send))).toEqual(['unknown_vtep']);
  });

  test('VXLAN of a network that the node has no pod of is dropped', async () => {
    const send = sendVxlan(world.nodeIp('two'), vxlan(9999, inner));
    expect(await dropped('two', () => world.exec('one', send))).toEqual(['unknown_network']);
  });

  test('VXLAN with a context that no instance of the node has is dropped', async () => {
    const forged = frame(ip('10.20.0.1', '10.20.0.2'), { destination: '0a:00:00:07:00:01' });
    const send = sendVxlan(world.nodeIp('two'), vxlan(4097, forged));
    expect(await dropped('two', () => world.exec('one', send))).toEqual(['unknown_path']);
  });

  test('a pod that left is unknown at once, and its address can be another pod', async () => {
    await world.addPod({ name: 'e', node: 'two', network: 'red', addresses: ['10.20.0.5'] });
    expect(await world.try('a', ['ping', '-c', '1', '-W', '1', '10.20.0.5'])).toBe(true);
    await world.removePod('e');
    expect(await world.try('a', ['ping', '-c', '1', '-W', '1', '10.20.0.5'])).toBe(false);
    await world.addPod({ name: 'f', node: 'one', network: 'red', addresses: ['10.20.0.5'] });
    await world.exec('a', ['ip', 'neigh', 'flush', 'all']);
    expect(await world.try('a', ['ping', '-c', '1', '-W', '1', '10.20.0.5'])).toBe(true);
  });
});

describe('an agent that dies', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.create({ nodes: ['one', 'two'], objectFile });
    await world.addNetwork({ name: 'red', vni: 4097, subnets: ['10.20.0.0/16'] });
    await world.addPod({ name: 'a', node: 'one', network: 'red', addresses: ['10.20.0.1'] });
    await world.addPod({ name: 'b', node: 'two', network: 'red', addresses: ['10.20.0.2'] });
    await world.addInstance({ name: 'f', node: 'two', id: 1 });
    await world.setChains([
      {
        name: 'x',
        network: 'red',
        pathId: 3,
        from: { any: false, addresses: ['10.20.0.1'] },
        to: { any: true },
        hops: ['f'],
      },
    ]);
  }, 90_000);
  afterAll(() => world?.close());

  test('and another that takes over lose no packet of a flow through a chain', async () => {
    const flood = world.spawn('a', ['ping', '-i', '0.01', '-c', '600', '-W', '1', '10.20.0.2']);
    await world.restartAgent('one');
    await world.restartAgent('two');
    const { stdout } = await flood;
    expect(stdout).toContain('600 packets transmitted, 600 received');
  });
});
