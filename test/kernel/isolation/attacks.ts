// SPDX-License-Identifier: Apache-2.0
import { probeDestination, probeSource } from '../../../api/context/instance.ts';
import { vxlanPort } from '../../../api/names.ts';
import { ETHERTYPE, ethernet, PROTOCOL, ports, vxlan } from '../../packets/frame.ts';
import {
  addressOf,
  EVERYBODY,
  type Family,
  frame,
  fromInstance,
  type Host,
  PATH,
  packet,
  SIGN,
  toInstance,
  VNI,
} from './ground.ts';

/** What an attacker may know of others: it is assumed to guess well. */
export interface Target {
  readonly family: Family;
  readonly host: Host;
  readonly own: string;
  /** Hardware addresses of the host with that number, of the attacker's tenant and of the other. */
  readonly peer: string;
  readonly other: string;
  readonly nodeIp: string;
}

export const GROUP = { 4: '01:00:5e:00:00:fb', 6: '33:33:00:00:00:01' } as const;
const GROUP_ADDRESS = { 4: '224.0.0.251', 6: 'ff02::1' } as const;
export const to = ({ family, host }: Target) => ({ destination: addressOf(family, host) });
export const ends = ({ own, peer }: Target) => ({ source: own, destination: peer });
export type Attack = readonly [name: string, frame: (target: Target) => Buffer, reason: string];

/** Attacks of both families. */
export const ATTACKS: readonly Attack[] = [
  [
    'a source address of another pod of its network',
    (t) =>
      frame(
        t.family,
        packet(t.family, { ...to(t), source: addressOf(t.family, t.host === 2 ? 3 : 2) }),
        ends(t),
      ),
    'spoofed_source',
  ],
  [
    'a source address that nobody has',
    (t) => frame(t.family, packet(t.family, { ...to(t), source: addressOf(t.family, 77) }), ends(t)),
    'spoofed_source',
  ],
  [
    'the hardware address of its victim',
    (t) => frame(t.family, packet(t.family, to(t)), { source: t.peer, destination: t.peer }),
    'spoofed_mac',
  ],
  [
    'the hardware address of the other tenant’s pod with its own address',
    (t) => frame(t.family, packet(t.family, to(t)), { source: t.other, destination: t.peer }),
    'spoofed_mac',
  ],
  [
    'a context of the other tenant’s path',
    (t) =>
      frame(t.family, packet(t.family, { destination: addressOf(t.family, 99) }), {
        source: t.own,
        destination: toInstance({ path: PATH.blue, position: 0, instance: 1 }),
      }),
    'unknown_destination',
  ],
  [
    'a function’s hardware address',
    (t) =>
      frame(t.family, packet(t.family, to(t)), {
        source: fromInstance({ path: PATH.red, position: 0, instance: 1 }),
        destination: t.peer,
      }),
    'spoofed_mac',
  ],
  [
    'a probe of its own making',
    (t) => {
      const probe = packet(t.family, {
        source: probeSource[t.family],
        destination: probeDestination[t.family],
        protocol: PROTOCOL.udp,
        payload: ports(9, 9, Buffer.concat([Buffer.alloc(32), SIGN])),
      });
      return frame(t.family, probe, {
        source: t.own,
        destination: toInstance({ path: 0, position: 0, isProbe: true, instance: 1 }),
      });
    },
    'spoofed_source',
  ],
  [
    'VXLAN to a node',
    (t) => {
      const inner = frame(t.family, packet(t.family, to(t)), { source: t.own, destination: t.other });
      const outer = packet(4, {
        destination: t.nodeIp,
        protocol: PROTOCOL.udp,
        payload: ports(4789, vxlanPort, Buffer.concat([Buffer.alloc(4), vxlan(VNI.blue, inner)])),
      });
      return frame(4, outer, { source: t.own, destination: t.peer });
    },
    'unknown_destination',
  ],
  [
    'a group’s hardware address',
    (t) => frame(t.family, packet(t.family, to(t)), { source: t.own, destination: GROUP[t.family] }),
    'multicast',
  ],
  [
    'a broadcast',
    (t) => frame(t.family, packet(t.family, to(t)), { source: t.own, destination: EVERYBODY }),
    'multicast',
  ],
  [
    'a group’s address in a frame for one',
    (t) => frame(t.family, packet(t.family, { destination: GROUP_ADDRESS[t.family] }), ends(t)),
    'unknown_destination',
  ],
  [
    'a VLAN tag',
    (t) => {
      const tag = Buffer.from(t.family === 4 ? [0, 5, 8, 0] : [0, 5, 0x86, 0xdd]);
      const payload = Buffer.concat([tag, packet(t.family, to(t))]);
      return ethernet({ ...ends(t), type: ETHERTYPE.vlan, payload });
    },
    'vlan',
  ],
  [
    'a header cut short',
    (t) => frame(t.family, packet(t.family, to(t)).subarray(0, 18), ends(t)),
    'malformed',
  ],
  [
    'a length that is a lie',
    (t) => frame(t.family, packet(t.family, { ...to(t), length: 900 }), ends(t)),
    'malformed',
  ],
  [
    'what is not IP',
    (t) => ethernet({ ...ends(t), type: 0x88b5, payload: Buffer.concat([SIGN, SIGN]) }),
    'not_ip',
  ],
];
