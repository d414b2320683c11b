// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { World } from '../world/world.ts';
import {
  CLASS,
  DESTINATIONS,
  expectDeviceUnderstands,
  expectLiesFail,
  expectPrograms,
  makeWorld,
  onTheWire,
  receivedByDevice,
  SEGMENTS,
  sendStream,
  Wire,
} from './underlay-ground.ts';

// As underlay.test.ts, between nodes with IPv6 addresses.

const NODES = ['one', 'two'] as const;
/** Bytes of Ethernet, IPv6, UDP and VXLAN. */
const OUTER = 70;

let world: World;
beforeAll(async () => {
  world = await makeWorld(NODES, 6);
}, 120_000);
afterAll(() => world?.close());

/** The first of the frames that a node sends while pod `a` pings. */
async function firstOnTheWire(address: string): Promise<Buffer> {
  const frames = await onTheWire(world, 6, address);
  expect(frames.length).toBeGreaterThanOrEqual(5);
  return frames[0]!;
}

describe.each(DESTINATIONS)('packets over %s between two nodes', (_, address) => {
  test('are encapsulated and taken by programs, and the VXLAN device sees none', () =>
    expectPrograms(world, address));

  test('look on the wire as the VXLAN device writes them, but for the checksum of UDP', async () => {
    const written = await firstOnTheWire(address);
    await world.restartAgent('one', { encapsulateBy: 'Device' });
    const expected = await firstOnTheWire(address);
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

  test('reach a node that leaves VXLAN to the device, and come back from it', () =>
    expectDeviceUnderstands(world, address));

  test('carry a stream whole where the kernel segments for the wire', async () => {
    for (const node of NODES) await world.exec(node, ['python3', SEGMENTS, 'software', 'eth0']);
    const before = await world.events('one', 'encapsulated');
    await sendStream(world, address);
    expect((await world.events('one', 'encapsulated')) - before).toBeGreaterThan(100);
  });
});

describe('what arrives at the underlay', () => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await Wire.open(world, 6);
  }, 60_000);
  afterAll(() => wire?.close());

  test('congestion on the way reaches a receiver that understands it, and drops the packet of another', async () => {
    await wire.say(wire.packet({ innerClass: 2, outerClass: 3 }));
    expect((await wire.arrivals()).map((frame) => frame[15])).toEqual([3]);
    await wire.say(wire.packet({ innerClass: 0, outerClass: 3 }));
    expect(await wire.arrivals()).toEqual([]);
  });

  test('extension headers are left to the kernel, which takes the packet', async () => {
    const device = await receivedByDevice(world, 'two');
    const frame = wire.packet({ extensions: [60] });
    frame.fill(0, 58, 62); // the kernel takes no padding but zeros
    await wire.say(frame);
    expect(await wire.arrivals()).toHaveLength(1);
    expect((await receivedByDevice(world, 'two')) - device).toBeGreaterThanOrEqual(1);
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
    await expectLiesFail(wire, lies, OUTER + 10);
  });
});
