// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { vxlanPort } from '../../../api/names.ts';
import type { Family } from '../../../api/net/address.ts';
import { ethernet, type IpOptions, ipv4, ipv6, PROTOCOL, udp, vxlan } from '../../packets/frame.ts';
import { Ear, Mouth, parseFrame } from '../packets/wire.ts';
import { World } from '../world/world.ts';

// Nodes whose programs write and read VXLAN at the underlay's devices, with pod `a` on node `one` and pod `c` on node `two`.

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
export const SEGMENTS = join(import.meta.dirname, 'segments.py');
export const VNI = 4097;
export const POD = { 4: '10.20.0.3', 6: 'fd20::3' } as const;
/** The IP versions of packets, with the address of pod `c`. */
export const DESTINATIONS = [
  ['IPv4', POD[4]],
  ['IPv6', POD[6]],
] as const;
/** DSCP EF, and ECN-capable transport. */
export const CLASS = 0xba;

/** By the IP version of the underlay: its Ethertype, and where the outer UDP header begins. */
const OUTER = { 4: { type: 0x0800, udp: 34 }, 6: { type: 0x86dd, udp: 54 } } as const;

/** What the headers of a packet between nodes say; by default no DSCP, and nothing unusual. */
export interface Marks extends Pick<IpOptions, 'options' | 'extensions'> {
  readonly innerClass?: number;
  readonly outerClass?: number;
}

export async function makeWorld(nodes: readonly string[], underlay: Family): Promise<World> {
  const world = await World.create({ nodes, objectFile, probeIntervalMs: 300, underlay });
  await world.addNetwork({ name: 'shop', vni: VNI, subnets: ['10.20.0.0/16', 'fd20::/64'] });
  await world.addPod({ name: 'a', node: 'one', network: 'shop', addresses: ['10.20.0.1', 'fd20::1'] });
  await world.addPod({ name: 'c', node: 'two', network: 'shop', addresses: Object.values(POD) });
  return world;
}

/** Packets that the VXLAN device of a node has given to our program. */
export async function receivedByDevice(world: World, node: string): Promise<number> {
  const [link] = JSON.parse(await world.exec(node, ['ip', '-j', '-s', 'link', 'show', 'heddle0'])) as [
    { readonly stats64: { readonly rx: { readonly packets: number } } },
  ];
  return link.stats64.rx.packets;
}

/** Pings five times from pod `a`. */
export function ping(world: World, address: string, options: readonly string[] = []): Promise<string> {
  return world.exec('a', ['ping', '-c', '5', '-i', '0.02', '-W', '2', ...options, address]);
}

/** The frames of VXLAN of our network that reach node `two` while pod `a` pings; heartbeats of nodes have another VNI. */
export async function onTheWire(world: World, underlay: Family, address: string): Promise<readonly Buffer[]> {
  const at = OUTER[underlay].udp;
  const ear = await Ear.open(world, 'two', 'eth0');
  try {
    await ping(world, address, ['-Q', String(CLASS), '-p', 'ab', '-s', '32']);
    return (await ear.heard())
      .map(({ frame }) => frame)
      .filter(
        (frame) =>
          parseFrame(frame)?.protocol === PROTOCOL.udp &&
          frame.readUInt16BE(at + 2) === vxlanPort &&
          frame.readUIntBE(at + 12, 3) === VNI,
      );
  } finally {
    await ear.close();
  }
}

/** Sends a stream from pod `a` to pod `c`, and checks that it arrives as it was sent. */
export async function sendStream(world: World, address: string): Promise<void> {
  const server = world.spawn('c', ['python3', SEGMENTS, 'receive', '7000']);
  try {
    await vi.waitFor(() => expect(String(server.exitCode)).toBe('null'));
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

/** Checks that pings are encapsulated and taken by programs, and that the VXLAN device sees none. */
export async function expectPrograms(world: World, address: string): Promise<void> {
  const before = {
    sent: await world.events('one', 'encapsulated'),
    device: await world.events('one', 'by_device'),
  };
  const received = await receivedByDevice(world, 'two');
  expect(await ping(world, address)).toContain('5 received');
  expect((await world.events('one', 'encapsulated')) - before.sent).toBeGreaterThanOrEqual(5);
  expect((await world.events('one', 'by_device')) - before.device).toBe(0);
  expect((await receivedByDevice(world, 'two')) - received).toBe(0);
}

/** Checks that pings reach a node that leaves VXLAN to the device, and come back from it. */
export async function expectDeviceUnderstands(world: World, address: string): Promise<void> {
  await world.restartAgent('two', { encapsulateBy: 'Device' });
  const received = await receivedByDevice(world, 'two');
  expect(await ping(world, address)).toContain('5 received');
  expect((await receivedByDevice(world, 'two')) - received).toBeGreaterThanOrEqual(5);
  await world.restartAgent('two');
  expect(await ping(world, address)).toContain('5 received');
}

/** The MAC of a device. */
export async function macOf(world: World, name: string, device: string): Promise<string> {
  return (await world.exec(name, ['cat', `/sys/class/net/${device}/address`])).trim();
}

interface Ends {
  readonly source: string;
  readonly destination: string;
}

/** Speaks to node `two` at the underlay as node `one` does, and hears what comes to pod `c`. */
export class Wire {
  readonly #world: World;
  readonly #underlay: Family;
  readonly #mouth: Mouth;
  readonly #ear: Ear;
  readonly #macs: { readonly outer: Ends; readonly inner: Ends };

  private constructor(
    world: World,
    underlay: Family,
    open: { readonly mouth: Mouth; readonly ear: Ear; readonly outer: Ends; readonly inner: Ends },
  ) {
    this.#world = world;
    this.#underlay = underlay;
    this.#mouth = open.mouth;
    this.#ear = open.ear;
    this.#macs = open;
  }

  static async open(world: World, underlay: Family): Promise<Wire> {
    return new Wire(world, underlay, {
      outer: {
        source: await macOf(world, 'one', 'eth0'),
        destination: await macOf(world, 'two', 'eth0'),
      },
      inner: { source: await macOf(world, 'a', 'net1'), destination: await macOf(world, 'c', 'net1') },
      mouth: new Mouth(world, 'one', { device: 'eth0' }),
      ear: await Ear.open(world, 'c'),
    });
  }

  /** A packet of pod `a` to pod `c`, as node `one` would send it to node `two`. */
  packet({ innerClass = 0, outerClass = 0, ...unusual }: Marks = {}): Buffer {
    const inner = ipv4({
      source: '10.20.0.1',
      destination: POD[4],
      protocol: PROTOCOL.udp,
      payload: udp(5000, 5001, Buffer.from('said')),
      trafficClass: innerClass,
    });
    const frame = ethernet({ ...this.#macs.inner, type: OUTER[4].type, payload: inner });
    const render = this.#underlay === 4 ? ipv4 : ipv6;
    const payload = render({
      source: this.#world.nodeIp('one'),
      destination: this.#world.nodeIp('two'),
      protocol: PROTOCOL.udp,
      payload: udp(50_000, vxlanPort, vxlan(VNI, frame)),
      trafficClass: outerClass,
      ...unusual,
    });
    return ethernet({ ...this.#macs.outer, type: OUTER[this.#underlay].type, payload });
  }

  say(frame: Buffer): Promise<unknown> {
    return this.#mouth.say(frame);
  }

  /** What has come to the pod since the last call. */
  async arrivals(): Promise<readonly Buffer[]> {
    const heard = await this.#ear.heard();
    return heard.map(({ frame }) => frame).filter((frame) => parseFrame(frame)?.protocol === PROTOCOL.udp);
  }

  async close(): Promise<void> {
    await this.#mouth.close();
    await this.#ear.close();
  }
}

/** Checks that packets with lies in their outer headers, and one that is cut short, get nothing through and disturb nothing. */
export async function expectLiesFail(
  wire: Wire,
  lies: readonly ((frame: Buffer) => void)[],
  short: number,
): Promise<void> {
  for (const lie of lies) {
    const frame = wire.packet();
    lie(frame);
    await wire.say(frame);
  }
  await wire.say(wire.packet().subarray(0, short));
  expect(await wire.arrivals()).toEqual([]);
  await wire.say(wire.packet());
  expect(await wire.arrivals()).toHaveLength(1);
}
