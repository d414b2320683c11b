import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arp, ETHERTYPE, ethernet, icmp, mac, PROTOCOL, ports, vxlan } from '../../packets/frame.ts';
import {
  ATTACKER,
  addressOf,
  EVERYBODY,
  FAMILIES,
  type Family,
  frame,
  type Ground,
  type Host,
  Mouth,
  makeGround,
  PATH,
  packet,
  SIGN,
  VICTIMS,
  VNI,
} from './ground.ts';

let ground: Ground;
let mouth: Mouth;
beforeAll(async () => {
  ground = await makeGround();
  mouth = new Mouth(ground.world, ATTACKER);
}, 180_000);
afterAll(async () => {
  await mouth?.close();
  await ground?.close();
});

/** What an attack may know of everybody: it guesses well. */
interface Target {
  readonly family: Family;
  readonly host: Host;
  readonly own: string;
  /** Hardware addresses of the host with that number, of the attacker's tenant and of the other. */
  readonly peer: string;
  readonly other: string;
  readonly nodeIp: string;
}

const GROUP = { 4: '01:00:5e:00:00:fb', 6: '33:33:00:00:00:01' } as const;
const GROUP_ADDRESS = { 4: '224.0.0.251', 6: 'ff02::1' } as const;
const ND = { routerAdvertisement: 134, advertisement: 136, redirect: 137 } as const;
const LINK_LOCAL = 'fe80::1';

const to = ({ family, host }: Target) => ({ destination: addressOf(family, host) });
const ends = ({ own, peer }: Target) => ({ source: own, destination: peer });
/** Says of an address of the network that it is the attacker's (RFC 4861 4.4): override, and its hardware address. */
const advertisement = (about: string, own: string) =>
  Buffer.concat([
    Buffer.from([ND.advertisement, 0, 0, 0, 0x20, 0, 0, 0]),
    packet(6, { destination: about }).subarray(24, 40),
    Buffer.from([2, 1]),
    mac(own),
    SIGN,
  ]);
const message = (type: number) => icmp(type, 0, SIGN);
const icmpv6 = { protocol: PROTOCOL.icmpv6, ttl: 255 };

type Attack = readonly [name: string, frame: (target: Target) => Buffer, reason: string];

const BOTH: readonly Attack[] = [
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
        destination: `0a:00:00:0${PATH.blue}:00:01`,
      }),
    'unknown_destination',
  ],
  [
    'a function’s hardware address',
    (t) => frame(t.family, packet(t.family, to(t)), { source: '0e:00:00:07:00:01', destination: t.peer }),
    'spoofed_mac',
  ],
  [
    'a probe of its own making',
    (t) => {
      const [source, destination] =
        t.family === 4 ? ['192.0.0.9', '192.0.0.10'] : ['fd48:6564:646c:65::9', 'fd48:6564:646c:65::10'];
      const probe = packet(t.family, {
        source,
        destination,
        protocol: PROTOCOL.udp,
        payload: ports(9, 9, Buffer.concat([Buffer.alloc(32), SIGN])),
      });
      return frame(t.family, probe, { source: t.own, destination: '0a:80:00:00:00:01' });
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
        payload: ports(4789, 14789, Buffer.concat([Buffer.alloc(4), vxlan(VNI.blue, inner)])),
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

/** Who has which address: only the map says it. */
const POISON: Readonly<Record<Family, readonly Attack[]>> = {
  4: [
    [
      'an announcement by ARP for everybody',
      (t) => {
        const claim = { senderMac: t.own, senderIp: addressOf(4, t.host), targetIp: addressOf(4, t.host) };
        const payload = Buffer.concat([arp({ operation: 2, ...claim }), SIGN]);
        return ethernet({ source: t.own, destination: EVERYBODY, type: ETHERTYPE.arp, payload });
      },
      'multicast',
    ],
    [
      'an answer by ARP for its victim alone',
      (t) => {
        const claim = {
          senderMac: t.own,
          senderIp: addressOf(4, 2),
          targetIp: addressOf(4, t.host),
          targetMac: t.peer,
        };
        const payload = Buffer.concat([arp({ operation: 2, ...claim }), SIGN]);
        return ethernet({ ...ends(t), type: ETHERTYPE.arp, payload });
      },
      'multicast',
    ],
    [
      'a question by ARP in another’s name',
      (t) => {
        const claim = { senderMac: t.own, senderIp: addressOf(4, 2), targetIp: addressOf(4, t.host) };
        const payload = Buffer.concat([arp({ operation: 1, ...claim }), SIGN]);
        return ethernet({ source: t.own, destination: EVERYBODY, type: ETHERTYPE.arp, payload });
      },
      'spoofed_source',
    ],
    [
      'an ICMP redirect',
      (t) => {
        const quoted = packet(4, { source: addressOf(4, t.host), destination: addressOf(4, 2) });
        const redirect = {
          ...to(t),
          source: addressOf(4, 2),
          protocol: PROTOCOL.icmp,
          payload: icmp(5, 1, quoted),
        };
        return frame(4, packet(4, redirect), ends(t));
      },
      'spoofed_source',
    ],
  ],
  6: [
    [
      'a neighbour advertisement for everybody',
      (t) => {
        const payload = advertisement(addressOf(6, t.host), t.own);
        return frame(6, packet(6, { ...icmpv6, destination: 'ff02::1', payload }), {
          source: t.own,
          destination: GROUP[6],
        });
      },
      'multicast',
    ],
    [
      'a neighbour advertisement for its victim alone',
      (t) =>
        frame(6, packet(6, { ...icmpv6, ...to(t), payload: advertisement(addressOf(6, 2), t.own) }), ends(t)),
      'multicast',
    ],
    [
      'the same behind an extension header',
      (t) => {
        const payload = advertisement(addressOf(6, 2), t.own);
        return frame(6, packet(6, { ...icmpv6, ...to(t), payload, extensions: [60] }), ends(t));
      },
      'multicast',
    ],
    [
      'a router advertisement of its own',
      (t) => frame(6, packet(6, { ...icmpv6, ...to(t), payload: message(ND.routerAdvertisement) }), ends(t)),
      'multicast',
    ],
    [
      'a router advertisement in a router’s name',
      (t) => {
        const forged = { ...icmpv6, ...to(t), source: LINK_LOCAL, payload: message(ND.routerAdvertisement) };
        return frame(6, packet(6, forged), ends(t));
      },
      'multicast',
    ],
    [
      'a redirect',
      (t) => frame(6, packet(6, { ...icmpv6, ...to(t), payload: message(ND.redirect) }), ends(t)),
      'multicast',
    ],
  ],
};

const matrix = FAMILIES.flatMap((family) =>
  VICTIMS.flatMap((victim) =>
    [...BOTH, ...POISON[family]].map(([name, build, reason]) => ({ family, ...victim, name, build, reason })),
  ),
);

const targetOf = (family: Family, host: Host): Target => ({
  family,
  host,
  own: ground.pods.red[1].mac,
  peer: ground.pods.red[host].mac,
  other: ground.pods.blue[host].mac,
  nodeIp: ground.world.nodeIp(host === 2 ? 'one' : 'two'),
});

describe('what a pod sends', () => {
  test.each(matrix)(
    'with $name to somebody $place, over IPv$family, reaches nobody and is counted',
    async ({ family, host, build, reason }) => {
      const bytes = build(targetOf(family, host));
      const reasons = await ground.dropped('one', async () => {
        await mouth.say(bytes);
        expect(await ground.heard()).toEqual([]);
      });
      // A pod's kernel asks for routers at any time: that is dropped as well.
      expect(reasons.filter((each) => each === reason || each !== 'multicast')).toEqual([reason]);
    },
  );

  test.each(FAMILIES.flatMap((family) => VICTIMS.map((victim) => ({ family, ...victim }))))(
    'to the hardware address of the other tenant’s pod $place reaches its own tenant’s, over IPv$family',
    async ({ family, host }) => {
      const { own, other } = targetOf(family, host);
      await mouth.say(
        frame(family, packet(family, { destination: addressOf(family, host) }), {
          source: own,
          destination: other,
        }),
      );
      expect(await ground.heard()).toEqual([`red${host}`]);
    },
  );

  test.each(FAMILIES.flatMap((family) => VICTIMS.map((victim) => ({ family, ...victim }))))(
    'and honestly, reaches the pod $place of its own tenant alone, over IPv$family',
    async ({ family, host }) => {
      const { own, peer } = targetOf(family, host);
      await mouth.say(
        frame(family, packet(family, { destination: addressOf(family, host) }), {
          source: own,
          destination: peer,
        }),
      );
      expect(await ground.heard()).toEqual([`red${host}`]);
    },
  );
});
