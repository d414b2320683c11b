// SPDX-License-Identifier: Apache-2.0
import { arp, ETHERTYPE, ethernet, icmp, mac, PROTOCOL } from '../../packets/frame.ts';
import { type Attack, ends, GROUP, to } from './attacks.ts';
import { addressOf, EVERYBODY, type Family, frame, packet, SIGN } from './ground.ts';

const ND = { routerAdvertisement: 134, advertisement: 136, redirect: 137 } as const;
const LINK_LOCAL = 'fe80::1';

/** Claims that an address of the network is the attacker's (RFC 4861 4.4): override flag, and the attacker's MAC. */
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

/** Attacks on neighbour tables: only the map decides which address belongs to which pod. */
export const POISON: Readonly<Record<Family, readonly Attack[]>> = {
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
