// SPDX-License-Identifier: Apache-2.0
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { vxlanPort } from '../../../api/names.ts';
import { type IpOptions, ipv4, ipv6, PROTOCOL, ports, vxlan } from '../../packets/frame.ts';
import { Ear, parseFrame } from '../packets/wire.ts';
import { World } from '../world/world.ts';
import { addressOf, frame, packet, SIGN, VNI } from './ground.ts';

// security.md: pod-forges-vxlan
// VXLAN that a node must not forward or take in, although its outer source is a node's address. `lurker` is a pod of the cluster's own network: node `one` routes its packets, and by loose reverse
// path filters (what systemd sets) it may write any source that has a route. `guest` is a pod of the network `red`.

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const LURKER = { ip: '10.244.1.2', ip6: 'fd44::2' } as const;
const NODE_IP6 = { one: 'fd31::1', two: 'fd31::2', three: 'fd31::3' } as const;
const NODE_PORT = 30_000;

let world: World;
/** What the names of all namespaces of the world begin with. */
let prefix: string;
let ears: Readonly<Record<'one' | 'two', Ear>>;
let guests: Readonly<Record<'one' | 'two', { readonly mac: string }>>;
beforeAll(async () => {
  world = await World.create({ nodes: ['one', 'two', 'three'], objectFile, probeIntervalMs: 300 });
  await world.addNetwork({ name: 'red', vni: VNI.red, subnets: ['10.20.0.0/16'] });
  const guest = (name: string, node: string, host: number) =>
    world.addPod({ name, node, network: 'red', addresses: [addressOf(4, host)] });
  guests = { one: await guest('guest1', 'one', 2), two: await guest('guest2', 'two', 3) };
  ears = { one: await Ear.open(world, 'guest1'), two: await Ear.open(world, 'guest2') };
  for (const [node, ip] of Object.entries(NODE_IP6)) {
    await world.exec(node, ['ip', 'addr', 'add', `${ip}/64`, 'dev', 'eth0', 'nodad']);
  }
  await addLurker();
  await world.exec('underlay', ['ip', 'addr', 'add', '172.31.0.200/24', 'dev', 'br0']);
}, 180_000);
afterAll(async () => {
  for (const ear of Object.values(ears ?? {})) await ear.close();
  await world?.close();
});

/** Gives a pod an interface of the cluster's own network, with a route and forwarding on its node. */
async function addLurker(): Promise<void> {
  const { netns } = await world.addPod({
    name: 'lurker',
    node: 'one',
    network: 'red',
    addresses: [addressOf(4, 9)],
  });
  prefix = netns.slice(0, -'lurker'.length);
  await world.exec('one', [
    'bash',
    '-ec',
    `
    ip link add veth1 type veth peer name eth0 netns ${netns}
    ip link set veth1 up
    ip address add 10.244.1.1/32 dev veth1
    ip address add fd44::1/64 dev veth1 nodad
    ip route add ${LURKER.ip} dev veth1
    sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    sysctl -qw net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.veth1.rp_filter=2
  `,
  ]);
  await world.exec('lurker', [
    'bash',
    '-ec',
    `
    ip address add ${LURKER.ip}/32 dev eth0
    ip address add ${LURKER.ip6}/64 dev eth0 nodad
    ip link set eth0 up
    ip route add 10.244.1.1 dev eth0
    ip route add default via 10.244.1.1
    ip -6 route add default via fd44::1
  `,
  ]);
}

/** Joins nodes by a second network between them. */
async function addUplinks(addresses: Readonly<Record<Node, string>>): Promise<void> {
  await world.exec('underlay', ['ip', 'link', 'add', 'br1', 'up', 'type', 'bridge']);
  for (const [node, address] of Object.entries(addresses)) {
    const peer = ['type', 'veth', 'peer', 'name', 'eth1', 'netns', `${prefix}${node}`];
    await world.exec('underlay', ['ip', 'link', 'add', `q${node}`, ...peer]);
    await world.exec('underlay', ['ip', 'link', 'set', `q${node}`, 'master', 'br1', 'up']);
    await world.exec(node, ['ip', 'address', 'add', `${address}/24`, 'dev', 'eth1']);
    await world.exec(node, ['ip', 'link', 'set', 'eth1', 'up']);
  }
}

type Node = 'one' | 'two';
const inner = (to: Node) => {
  const destination = addressOf(4, to === 'one' ? 2 : 3);
  const ends = { source: '06:00:00:00:00:01', destination: guests[to].mac };
  return frame(4, packet(4, { destination }), ends);
};
const datagram = (to: Node, port: number = vxlanPort): Pick<IpOptions, 'protocol' | 'payload'> => {
  const payload = vxlan(VNI.red, inner(to));
  const length = Buffer.from([0, 0, 0, 0]);
  length.writeUInt16BE(8 + payload.length);
  return { protocol: PROTOCOL.udp, payload: ports(40_000, port, Buffer.concat([length, payload])) };
};

/** Sends an IP packet as it is, from a namespace of the world. */
const sendRaw = (from: string, bytes: Buffer, to: string) => {
  const family = to.includes(':') ? 'AF_INET6' : 'AF_INET';
  const code = `import socket,sys;socket.socket(socket.${family},socket.SOCK_RAW,socket.IPPROTO_RAW).sendto(bytes.fromhex(sys.argv[2]),(sys.argv[1],0))`;
  return world.exec(from, ['python3', '-c', code, to, bytes.toString('hex')]);
};
const forge = (to: Node, source: string) =>
  sendRaw('lurker', ipv4({ source, destination: world.nodeIp(to), ...datagram(to) }), world.nodeIp(to));
/** Sends a datagram to a NodePort of node `one`. */
const sendToNodePort = (from: string, to: Node) => {
  const code =
    'import socket,sys;socket.socket(socket.AF_INET,socket.SOCK_DGRAM).sendto(bytes.fromhex(sys.argv[2]),(sys.argv[1],int(sys.argv[3])))';
  const command = ['python3', '-c', code, world.nodeIp('one'), vxlan(VNI.red, inner(to)).toString('hex')];
  return world.exec(from, [...command, String(NODE_PORT)]);
};
/** A Service of type NodePort whose EndpointSlice names the VXLAN port of a node: what kube-proxy makes of it. */
const makeNodePort = (to: Node) =>
  world.exec(
    'one',
    ['nft', '-f', '-'],
    `table ip nodeport {
      chain arriving { type nat hook prerouting priority dstnat;
        ip daddr ${world.nodeIp('one')} udp dport ${NODE_PORT} meta mark set 0x4000 dnat to ${world.nodeIp(to)}:${vxlanPort}; }
      chain leaving { type nat hook postrouting priority srcnat; meta mark 0x4000 masquerade; }
    }`,
  );
const heard = async (at: Node) => (await ears[at].heard()).filter((each) => each.frame.includes(SIGN)).length;
const counted = async (name: string) => world.packets('one', { table: 'heddle', name });

describe('VXLAN from a pod that a node routes', () => {
  test('with another node’s address reaches nobody on a third node', async () => {
    await forge('two', world.nodeIp('three'));
    expect(await heard('two')).toBe(0);
    expect(await counted('forwarded-vxlan')).toBeGreaterThan(0);
  });

  test('with another node’s address is not taken in by its own node', async () => {
    await forge('one', world.nodeIp('two'));
    expect(await heard('one')).toBe(0);
    expect(await counted('foreign-vxlan')).toBeGreaterThan(0);
  });

  test('over IPv6 is not forwarded', async () => {
    const bytes = ipv6({ source: NODE_IP6.three, destination: NODE_IP6.two, ...datagram('two') });
    const before = await counted('forwarded-vxlan');
    await sendRaw('lurker', bytes, NODE_IP6.two);
    // The pod asks for its node's MAC first.
    await vi.waitFor(async () => expect(await counted('forwarded-vxlan')).toBe(before + 1), {
      timeout: 5000,
    });
    expect(await heard('two')).toBe(0);
  });
});

describe('VXLAN by a NodePort', () => {
  afterEach(() => world.exec('one', ['nft', 'delete', 'table', 'ip', 'nodeport']));

  test.each(['lurker', 'underlay'])('from %s to another node reaches nobody there', async (from) => {
    await makeNodePort('two');
    await sendToNodePort(from, 'two');
    expect(await heard('two')).toBe(0);
  });

  test('from a pod in another node’s name to its own node reaches nobody', async () => {
    await makeNodePort('one');
    const destination = world.nodeIp('one');
    const bytes = ipv4({ source: world.nodeIp('two'), destination, ...datagram('one', NODE_PORT) });
    await sendRaw('lurker', bytes, destination);
    expect(await heard('one')).toBe(0);
  });
});

describe('nodes’ own VXLAN', () => {
  const ping = (count: number) => ['ping', '-c', String(count), '-i', '0.05', '-W', '1', addressOf(4, 3)];

  test('passes', async () => {
    expect(await world.exec('guest1', ping(5))).toContain('5 received');
  });

  test('passes by a second uplink as soon as the route goes there', async () => {
    // The node's address stays on eth0; the way to the other node changes, as by a routing daemon.
    const next = { one: '172.32.0.1', two: '172.32.0.2' };
    await addUplinks(next);
    const route = (node: Node, other: Node) => {
      const way = ['via', next[other], 'src', world.nodeIp(node)];
      return world.exec(node, ['ip', 'route', 'add', `${world.nodeIp(other)}/32`, ...way]);
    };
    await route('one', 'two');
    await route('two', 'one');
    const received = async () =>
      Number(await world.exec('two', ['cat', '/sys/class/net/eth1/statistics/rx_packets']));
    const before = await received();
    expect(await world.exec('guest1', ping(5))).toContain('5 received');
    expect((await received()) - before).toBeGreaterThanOrEqual(5);
  });

  test('passes by the device that has the node’s address, although the way back is another', async () => {
    await world.exec('two', ['ip', 'route', 'del', `${world.nodeIp('one')}/32`]);
    await ears.one.heard();
    await world.try('guest2', ['ping', '-c', '3', '-i', '0.05', '-W', '1', addressOf(4, 2)]);
    const echoes = (await ears.one.heard()).filter(
      (each) => parseFrame(each.frame)?.protocol === PROTOCOL.icmp,
    );
    expect(echoes).toHaveLength(3);
  });
});
