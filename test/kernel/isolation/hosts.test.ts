// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probeDestination, probeSource } from '../../../api/context/instance.ts';
import { vxlanPort } from '../../../api/names.ts';
import { ETHERTYPE, ethernet, PROTOCOL, ports, vxlan } from '../../packets/frame.ts';
import {
  addressOf,
  EVERYBODY,
  FAMILIES,
  type Family,
  frame,
  fromInstance,
  type Ground,
  INSTANCE,
  makeGround,
  PATH,
  packet,
  SIGN,
  toInstance,
  VNI,
} from './ground.ts';

// What comes by the wire between nodes. That an outer source address is a node's own is the underlay's promise: whoever
// can forge those there is a node to all others.

let ground: Ground;
beforeAll(async () => {
  ground = await makeGround();
  await ground.world.exec('underlay', ['ip', 'addr', 'add', '172.31.0.200/24', 'dev', 'br0']);
}, 180_000);
afterAll(() => ground?.close());

/** Sends one UDP datagram to the VXLAN port of node `two`. */
const send = (from: 'underlay' | 'one', payload: Buffer) => {
  const code = `import socket,sys;socket.socket(socket.AF_INET,socket.SOCK_DGRAM).sendto(bytes.fromhex(sys.argv[2]),(sys.argv[1],${vxlanPort}))`;
  const command = ['python3', '-c', code, ground.world.nodeIp('two'), payload.toString('hex')];
  return ground.world.exec(from, command);
};

const victimOf = (tenant: 'red' | 'blue') => ground.pods[tenant][3].mac;
const inner = (family: Family, destination: string, source = '06:00:00:00:00:01') =>
  frame(family, packet(family, { destination: addressOf(family, 3) }), { source, destination });
const context = (path: number, instance: number, position = 0) => toInstance({ path, instance, position });
const heartbeat = (destination: string) =>
  frame(
    4,
    packet(4, {
      source: probeSource[4],
      destination: probeDestination[4],
      protocol: PROTOCOL.udp,
      payload: ports(9, 9, Buffer.concat([Buffer.alloc(32), SIGN])),
    }),
    { source: '06:00:00:00:00:01', destination },
  );

type Attack = readonly [name: string, build: (family: Family) => Buffer, reason: string];

const attacksOfNode: readonly Attack[] = [
  ['of a network that is not there', (f) => vxlan(9999, inner(f, victimOf('blue'))), 'unknown_network'],
  ['for a pod of the other tenant', (f) => vxlan(VNI.red, inner(f, victimOf('blue'))), 'unknown_destination'],
  ['for everybody', (f) => vxlan(VNI.blue, inner(f, EVERYBODY)), 'multicast'],
  ['for a group', (f) => vxlan(VNI.blue, inner(f, '33:33:00:00:00:01')), 'multicast'],
  ['for a path that is not there', (f) => vxlan(VNI.blue, inner(f, context(9, 1))), 'unknown_path'],
  ['for a path of the other tenant', (f) => vxlan(VNI.red, inner(f, context(PATH.blue, 1))), 'wrong_context'],
  [
    'for a hop behind the path’s end',
    (f) => vxlan(VNI.blue, inner(f, context(PATH.blue, INSTANCE.firewall, 5))),
    'wrong_context',
  ],
  [
    'as a probe of an instance',
    (f) =>
      vxlan(
        VNI.blue,
        inner(f, toInstance({ path: PATH.blue, position: 0, isProbe: true, instance: INSTANCE.firewall })),
      ),
    'wrong_context',
  ],
  [
    'with a VLAN tag inside',
    (f) => {
      const payload = Buffer.concat([Buffer.from([0, 5, 8, 0]), packet(f)]);
      const ends = { source: '06:00:00:00:00:01', destination: victimOf('blue') };
      return vxlan(VNI.blue, ethernet({ ...ends, type: ETHERTYPE.vlan, payload }));
    },
    'vlan',
  ],
  [
    'with what is not IP inside',
    () => {
      const ends = { source: '06:00:00:00:00:01', destination: victimOf('blue') };
      return vxlan(VNI.blue, ethernet({ ...ends, type: 0x88b5, payload: Buffer.concat([SIGN, SIGN]) }));
    },
    'not_ip',
  ],
  [
    'with a lie inside, for a function',
    (f) => {
      const lie = packet(f, { destination: addressOf(f, 3), length: 900 });
      const ends = {
        source: fromInstance({ path: PATH.blue, position: 0, instance: 9 }),
        destination: context(PATH.blue, INSTANCE.firewall),
      };
      return vxlan(VNI.blue, frame(f, lie, ends));
    },
    'malformed',
  ],
  ['of no network, and no heartbeat', (f) => vxlan(0, inner(f, victimOf('blue'))), 'malformed'],
  [
    'of no network, as a packet of a path',
    (f) => vxlan(0, inner(f, context(PATH.blue, 1))),
    'unknown_network',
  ],
];

// security.md: underlay-sends-vxlan, underlay-names-network
describe.each(FAMILIES)('VXLAN, over IPv%i', (family) => {
  test.each([
    ['with a packet for a pod', () => vxlan(VNI.blue, inner(family, victimOf('blue')))],
    [
      'with a packet for a function',
      () => vxlan(VNI.blue, inner(family, context(PATH.blue, INSTANCE.firewall))),
    ],
    ['with a heartbeat', () => vxlan(0, heartbeat(toInstance({ path: 0, position: 0, isProbe: true })))],
    [
      'with an answer to a heartbeat',
      () => vxlan(0, heartbeat(toInstance({ path: 0, position: 0, isProbe: true, isReply: true }))),
    ],
  ])('%s from a host that is no node reaches nobody and is counted', async (_, build) => {
    const reasons = await ground.dropped('two', async () => {
      await send('underlay', build());
      expect(await ground.heard()).toEqual([]);
    });
    expect(reasons.filter((reason) => reason !== 'multicast')).toEqual(['unknown_vtep']);
  });

  test.each(attacksOfNode)('%s reaches nobody and is counted', async (_, build, reason) => {
    const reasons = await ground.dropped('two', async () => {
      await send('one', build(family));
      expect(await ground.heard()).toEqual([]);
    });
    expect(reasons.filter((each) => each === reason || each !== 'multicast')).toEqual([reason]);
  });

  test('as nodes send it reaches the pod that it is for, and no other', async () => {
    await send('one', vxlan(VNI.blue, inner(family, victimOf('blue'))));
    expect(await ground.heard()).toEqual(['blue3']);
  });
});
