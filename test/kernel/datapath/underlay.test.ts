// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { vxlanPort } from '../../../api/names.ts';
import { checksum, ethernet, icmp, ipv4, PROTOCOL, udp, vxlan } from '../../packets/frame.ts';
import { Mouth } from '../packets/wire.ts';
import type { World } from '../world/world.ts';
import {
  CLASS,
  DESTINATIONS,
  expectDeviceUnderstands,
  expectLiesFail,
  expectPrograms,
  macOf,
  makeWorld,
  onTheWire,
  ping,
  receivedByDevice,
  SEGMENTS,
  sendStream,
  VNI,
  Wire,
} from './underlay-ground.ts';

// VXLAN between nodes that programs write and read at the underlay's devices, beside the VXLAN device, which does the same.

const NODES = ['one', 'two', 'three'] as const;

let world: World;
beforeAll(async () => {
  world = await makeWorld(NODES, 4);
}, 120_000);
afterAll(() => world?.close());

describe.each(DESTINATIONS)('packets over %s between two nodes', (_, address) => {
  test('are encapsulated and taken by programs, and the VXLAN device sees none', () =>
    expectPrograms(world, address));

  test('look on the wire as the VXLAN device writes them, with the DSCP and ECN of the packet inside', async () => {
    const [written] = await onTheWire(world, 4, address);
    await world.restartAgent('one', { encapsulateBy: 'Device' });
    const device = await world.events('one', 'by_device');
    const [expected] = await onTheWire(world, 4, address);
    expect((await world.events('one', 'by_device')) - device).toBeGreaterThanOrEqual(5);
    await world.restartAgent('one');
    // What differs from packet to packet: id and checksum of IP, the source port, and the request itself.
    const comparable = (frame: Buffer | undefined) => ({
      ethernet: frame?.subarray(0, 14).toString('hex'),
      class: frame?.[15],
      length: frame?.readUInt16BE(16),
      fragment: frame?.readUInt16BE(20),
      ttl: frame?.[22],
      addresses: frame?.subarray(26, 34).toString('hex'),
      udp: [frame?.readUInt16BE(36), frame?.readUInt16BE(38), frame?.readUInt16BE(40)],
      vxlan: frame?.subarray(42, 50).toString('hex'),
      inner: frame?.subarray(50, 64).toString('hex'),
      size: frame?.length,
    });
    expect(comparable(written)).toEqual(comparable(expected));
    expect(written?.[15]).toBe(CLASS);
    expect(written?.readUInt16BE(34)).toBeGreaterThanOrEqual(49_152);
  });

  test('reach a node that leaves VXLAN to the device, and come back from it', () =>
    expectDeviceUnderstands(world, address));

  test('carry a stream whole where the kernel segments for the wire', async () => {
    for (const node of ['one', 'two']) await world.exec(node, ['python3', SEGMENTS, 'software', 'eth0']);
    await sendStream(world, address);
  });
});

describe('what arrives at the underlay', () => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await Wire.open(world, 4);
  }, 60_000);
  afterAll(() => wire?.close());

  test('congestion on the way reaches a receiver that understands it, and drops the packet of another (RFC 6040)', async () => {
    await wire.say(wire.packet({ innerClass: 2, outerClass: 3 }));
    const [marked] = await wire.arrivals();
    expect(marked?.[15]).toBe(3);
    await wire.say(wire.packet({ innerClass: 0, outerClass: 3 }));
    expect(await wire.arrivals()).toEqual([]);
    await wire.say(wire.packet({ innerClass: 2, outerClass: 2 }));
    expect((await wire.arrivals())[0]?.[15]).toBe(2);
  });

  test.each(['Programs', 'Device'] as const)(
    'a DSCP that the fabric has changed reaches the receiver (RFC 2983), and none takes none away: %s',
    async (encapsulateBy) => {
      if (encapsulateBy === 'Device') await world.restartAgent('two', { encapsulateBy });
      await wire.say(wire.packet({ innerClass: 0xba, outerClass: 0x2a }));
      await wire.say(wire.packet({ innerClass: 0xba, outerClass: 0x02 }));
      await wire.say(wire.packet({ innerClass: 0x00, outerClass: 0xb8 }));
      const arrived = await wire.arrivals();
      expect(arrived.map((frame) => frame[15])).toEqual([0x2a, 0xba, 0xb8]);
      for (const frame of arrived) expect(checksum(frame.subarray(14, 34))).toBe(0);
      if (encapsulateBy === 'Device') await world.restartAgent('two');
    },
  );

  test('what is not surely ours is left to the kernel, which still takes what is right', async () => {
    const device = await receivedByDevice(world, 'two');
    // Right, and rare.
    await wire.say(wire.packet({ options: Buffer.from([1, 1, 1, 0]) }));
    expect(await wire.arrivals()).toHaveLength(1);
    expect((await receivedByDevice(world, 'two')) - device).toBeGreaterThanOrEqual(1);
  });

  // security.md: underlay-sends-malformed
  test('lies in outer headers get nothing through, and disturb nothing', async () => {
    const lies: readonly ((frame: Buffer) => void)[] = [
      (frame) => frame.writeUInt16BE(frame.readUInt16BE(24) ^ 1, 24), // checksum of IP
      (frame) => frame.writeUInt8(0x18, 42), // a flag that nobody knows
      (frame) => frame.writeUInt8(0, 42), // no VNI
      (frame) => frame.writeUInt16BE(frame.readUInt16BE(38) + 9, 38), // UDP longer than IP
      (frame) => frame.writeUInt16BE(0x1234, 40), // a checksum of UDP that is wrong
      (frame) => frame.writeUInt8(99, 48), // a VNI that no network has
    ];
    await expectLiesFail(wire, lies, 60);
  });

  test('the next hook of the device sees what is not ours', async () => {
    const table = `table netdev seen {
      counter arrived { }
      chain arriving {
        type filter hook ingress device eth0 priority 0;
        counter name "arrived"
      }
    }`;
    await world.exec('two', ['nft', '-f', '-'], table);
    await world.exec('one', ['ping', '-c', '3', '-i', '0.02', '-W', '2', world.nodeIp('two')]);
    const shown = await world.exec('two', ['nft', 'list', 'counter', 'netdev', 'seen', 'arrived']);
    expect(Number(/packets (\d+)/.exec(shown)?.[1])).toBeGreaterThanOrEqual(3);
    expect(await ping(world, '10.20.0.3')).toContain('5 received');
    await world.exec('two', ['nft', 'delete', 'table', 'netdev', 'seen']);
  });
});

test('an agent of a release without these programs, after a rollback, ends them with the rest of their release', async () => {
  const dropped = (await world.drops('two')).unknown_network ?? 0;
  const device = await receivedByDevice(world, 'two');
  await world.forgetPrograms('two');
  expect(await ping(world, '10.20.0.3')).toContain('5 received');
  expect((await receivedByDevice(world, 'two')) - device).toBeGreaterThanOrEqual(5);
  expect((await world.drops('two')).unknown_network ?? 0).toBe(dropped);
  await world.restartAgent('two');
  const again = await receivedByDevice(world, 'two');
  expect(await ping(world, '10.20.0.3')).toContain('5 received');
  expect((await receivedByDevice(world, 'two')) - again).toBe(0);
});

test('a path with a smaller MTU than its device is noticed: what does not fit is left to the kernel', async () => {
  const two = world.nodeIp('two');
  const quoted = ipv4({
    source: world.nodeIp('one'),
    destination: two,
    protocol: PROTOCOL.udp,
    payload: udp(50_000, vxlanPort, vxlan(VNI, Buffer.alloc(14))),
  });
  /** "Fragmentation needed" of a router (RFC 1191), about a packet that node `one` has sent. */
  const message = icmp(3, 4, quoted);
  message.writeUInt16BE(1300, 6);
  message.writeUInt16BE(0, 2);
  message.writeUInt16BE(checksum(message), 2);
  const payload = ipv4({
    source: two,
    destination: world.nodeIp('one'),
    protocol: PROTOCOL.icmp,
    payload: message,
  });
  const mac = (node: string) => macOf(world, node, 'eth0');
  const router = new Mouth(world, 'two', { device: 'eth0' });
  await router.say(
    ethernet({ source: await mac('two'), destination: await mac('one'), type: 0x0800, payload }),
  );
  await vi.waitFor(
    async () => expect(await world.exec('one', ['ip', 'route', 'get', two])).toContain('mtu 1300'),
    { timeout: 20_000, interval: 100 },
  );
  await router.close();
  const count = () => world.events('one', 'by_device');
  const before = await count();
  expect(await ping(world, '10.20.0.3', ['-s', '1200'])).toContain('5 received');
  expect((await count()) - before).toBe(0);
  expect(await ping(world, '10.20.0.3', ['-s', '1400'])).toContain('5 received');
  expect((await count()) - before).toBeGreaterThanOrEqual(5);
  const whole = await count();
  await sendStream(world, 'fd20::3');
  expect((await count()) - whole).toBeGreaterThan(5);
});

test('a device that programs cannot use is left to the VXLAN device', async () => {
  const device = await world.events('three', 'by_device');
  await world.addPod({ name: 'd', node: 'three', network: 'shop', addresses: ['10.20.0.4', 'fd20::4'] });
  // A device that the agent was not told of, as a tunnel would be.
  const route = `${world.nodeIp('one')}/32`;
  await world.exec('three', [
    'sh',
    '-ec',
    `ip link add other type veth peer name nowhere; ip link set other up; ip link set nowhere up; ip route add ${route} dev other`,
  ]);
  await world.try('d', ['ping', '-c', '2', '-i', '0.02', '-W', '1', '10.20.0.1']);
  expect((await world.events('three', 'by_device')) - device).toBeGreaterThanOrEqual(2);
  await world.exec('three', ['ip', 'route', 'del', route, 'dev', 'other']);
  expect(await world.exec('d', ['ping', '-c', '2', '-i', '0.02', '-W', '2', '10.20.0.1'])).toContain(
    '2 received',
  );
});
