// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { vxlanPort } from '../../../api/names.ts';
import { ethernet, ipv4, ipv6, PROTOCOL, udp, vxlan } from '../../packets/frame.ts';
import { Ear, type Heard, Mouth, parseFrame } from '../packets/wire.ts';
import { World } from '../world/world.ts';

// As underlay.test.ts, between nodes with IPv6 addresses.

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const SEGMENTS = join(import.meta.dirname, 'segments.py');
const VNI = 4097;
const NODES = ['one', 'two'] as const;
/** DSCP EF, and ECN-capable transport. */
const CLASS = 0xba;
const POD = { 4: '10.20.0.3', 6: 'fd20::3' } as const;
const FAMILIES = [
  ['IPv4', POD[4]],
  ['IPv6', POD[6]],
] as const;
/** Bytes of Ethernet, IPv6, UDP and VXLAN. */
const OUTER = 70;

let world: World;
beforeAll(async () => {
  world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 300, underlay: 6 });
  await world.addNetwork({ name: 'shop', vni: VNI, subnets: ['10.20.0.0/16', 'fd20::/64'] });
  await world.addPod({ name: 'a', node: 'one', network: 'shop', addresses: ['10.20.0.1', 'fd20::1'] });
  await world.addPod({ name: 'c', node: 'two', network: 'shop', addresses: Object.values(POD) });
}, 120_000);
afterAll(() => world?.close());

async function receivedByDevice(node: string): Promise<number> {
  const [link] = JSON.parse(await world.exec(node, ['ip', '-j', '-s', 'link', 'show', 'heddle0'])) as [
    { readonly stats64: { readonly rx: { readonly packets: number } } },
  ];
  return link.stats64.rx.packets;
}

const ping = (address: string, options: readonly string[] = []) =>
  world.exec('a', ['ping', '-c', '5', '-i', '0.02', '-W', '2', ...options, address]);
/** Frames of our network only: heartbeats of nodes have another VNI. */
const isOfNetwork = ({ frame }: Heard) =>
  parseFrame(frame)?.protocol === PROTOCOL.udp &&
  frame.readUInt16BE(56) === vxlanPort &&
  frame.readUIntBE(66, 3) === VNI;

/** A frame of VXLAN that reaches a node while pod `a` pings. */
async function onTheWire(address: string): Promise<Buffer> {
  const ear = await Ear.open(world, 'two', 'eth0');
  try {
    await ping(address, ['-Q', String(CLASS), '-p', 'ab', '-s', '32']);
    const heard = (await ear.heard()).filter(isOfNetwork);
    expect(heard.length).toBeGreaterThanOrEqual(5);
    return heard[0]!.frame;
  } finally {
    await ear.close();
  }
}

async function sendStream(address: string): Promise<void> {
  const server = world.spawn('c', ['python3', SEGMENTS, 'receive', '7000']);
  try {
    const sent = await vi.waitFor(
      () => world.exec('a', ['python3', SEGMENTS, 'send', address, '7000', String(20 << 20)]),
      { timeout: 20_000, interval: 200 },
    );
    const { stdout } = await server;
    expect(stdout.split('\n')).toContain(sent.trim());
  } finally {
    server.kill('SIGKILL');
  }
}

const macOf = async (name: string, device: string): Promise<string> =>
  (await world.exec(name, ['cat', `/sys/class/net/${device}/address`])).trim();

describe.each(FAMILIES)('packets over %s between two nodes', (_, address) => {
  test('are encapsulated and taken by programs, and the VXLAN device sees none', async () => {
    const before = {
      sent: await world.events('one', 'encapsulated'),
      device: await world.events('one', 'by_device'),
    };
    const received = await receivedByDevice('two');
    expect(await ping(address)).toContain('5 received');
    expect((await world.events('one', 'encapsulated')) - before.sent).toBeGreaterThanOrEqual(5);
    expect((await world.events('one', 'by_device')) - before.device).toBe(0);
    expect((await receivedByDevice('two')) - received).toBe(0);
  });

  test('look on the wire as the VXLAN device writes them, but for the checksum of UDP', async () => {
    const written = await onTheWire(address);
    await world.restartAgent('one', { encapsulateBy: 'Device' });
    const expected = await onTheWire(address);
    await world.restartAgent('one');
    // What differs from packet to packet: the source port, and the request itself.
    const comparable = (frame: Buffer) => ({
      ethernet: frame.subarray(0, 14).toString('hex'),
      ip: frame.subarray(14, 54).toString('hex'),
      udp: [frame.readUInt16BE(56), frame.readUInt16BE(58)],
      vxlan: frame.subarray(62, 70).toString('hex'),
      inner: frame.subarray(70, 84).toString('hex'),
      size: frame.length,
    });
    expect(comparable(written)).toEqual(comparable(expected));
    expect(((written.readUInt16BE(14) >> 4) & 0xff).toString(16)).toBe(CLASS.toString(16));
    expect(written.readUInt16BE(60)).toBe(0);
    expect(expected.readUInt16BE(60)).not.toBe(0);
  });

  test('reach a node that leaves VXLAN to the device, and come back from it', async () => {
    await world.restartAgent('two', { encapsulateBy: 'Device' });
    const received = await receivedByDevice('two');
    expect(await ping(address)).toContain('5 received');
    expect((await receivedByDevice('two')) - received).toBeGreaterThanOrEqual(5);
    await world.restartAgent('two');
    expect(await ping(address)).toContain('5 received');
  });

  test('carry a stream whole where the kernel segments for the wire', async () => {
    for (const node of NODES) await world.exec(node, ['python3', SEGMENTS, 'software', 'eth0']);
    const before = await world.events('one', 'encapsulated');
    await sendStream(address);
    expect((await world.events('one', 'encapsulated')) - before).toBeGreaterThan(100);
  });
});

describe('what arrives at the underlay', () => {
  let mouth: Mouth;
  let ear: Ear;
  let outer: { readonly source: string; readonly destination: string };
  let inside: { readonly source: string; readonly destination: string };
  beforeAll(async () => {
    outer = { source: await macOf('one', 'eth0'), destination: await macOf('two', 'eth0') };
    inside = { source: await macOf('a', 'net1'), destination: await macOf('c', 'net1') };
    mouth = new Mouth(world, 'one', { device: 'eth0' });
    ear = await Ear.open(world, 'c');
  }, 60_000);
  afterAll(async () => {
    await mouth?.close();
    await ear?.close();
  });

  interface Marks {
    readonly innerClass?: number;
    readonly outerClass?: number;
    readonly extensions?: readonly number[];
  }

  /** A packet of pod `a` to pod `c`, as node `one` would send it to node `two`. */
  function packet({ innerClass = 0, outerClass = 0, extensions = [] }: Marks = {}): Buffer {
    const inner = ipv4({
      source: '10.20.0.1',
      destination: POD[4],
      protocol: PROTOCOL.udp,
      payload: udp(5000, 5001, Buffer.from('said')),
      trafficClass: innerClass,
    });
    const payload = ipv6({
      source: world.nodeIp('one'),
      destination: world.nodeIp('two'),
      protocol: PROTOCOL.udp,
      payload: udp(50_000, vxlanPort, vxlan(VNI, ethernet({ ...inside, type: 0x0800, payload: inner }))),
      trafficClass: outerClass,
      extensions,
    });
    return ethernet({ ...outer, type: 0x86dd, payload });
  }

  const arrivals = async () =>
    (await ear.heard())
      .map(({ frame }) => frame)
      .filter((frame) => parseFrame(frame)?.protocol === PROTOCOL.udp);

  test('congestion on the way reaches a receiver that understands it, and drops the packet of another', async () => {
    await mouth.say(packet({ innerClass: 2, outerClass: 3 }));
    expect((await arrivals()).map((frame) => frame[15])).toEqual([3]);
    await mouth.say(packet({ innerClass: 0, outerClass: 3 }));
    expect(await arrivals()).toEqual([]);
  });

  test('extension headers are left to the kernel, which takes the packet', async () => {
    const device = await receivedByDevice('two');
    const frame = packet({ extensions: [60] });
    frame.fill(0, 58, 62); // the kernel takes no padding but zeros
    await mouth.say(frame);
    expect(await arrivals()).toHaveLength(1);
    expect((await receivedByDevice('two')) - device).toBeGreaterThanOrEqual(1);
  });

  // security.md: underlay-sends-malformed
  test('lies in outer headers get nothing through, and disturb nothing', async () => {
    const lies: readonly ((frame: Buffer) => void)[] = [
      (frame) => frame.writeUInt16BE(frame.readUInt16BE(18) + 9, 18), // IP longer than the frame
      (frame) => frame.writeUInt8(0xee, 37), // a sender that is no node
      (frame) => frame.writeUInt16BE(frame.readUInt16BE(58) + 9, 58), // UDP longer than IP
      (frame) => frame.writeUInt16BE(0x1234, 60), // a checksum of UDP that is wrong
      (frame) => frame.writeUInt8(0x18, 62), // a flag that nobody knows
      (frame) => frame.writeUInt8(0, 62), // no VNI
      (frame) => frame.writeUInt8(99, 68), // a VNI that no network has
    ];
    for (const lie of lies) {
      const frame = packet();
      lie(frame);
      await mouth.say(frame);
    }
    await mouth.say(packet().subarray(0, OUTER + 10));
    expect(await arrivals()).toEqual([]);
    await mouth.say(packet());
    expect(await arrivals()).toHaveLength(1);
  });
});
