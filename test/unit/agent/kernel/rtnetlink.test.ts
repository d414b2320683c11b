// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { errnoName } from '../../../../agent/kernel/child/errno.ts';
import type { NetlinkMessage } from '../../../../agent/kernel/protocol.ts';
import { parseInterfaceAddress, putAddress } from '../../../../agent/kernel/rtnetlink/address.ts';
import { parseFilterProgram, putFilter } from '../../../../agent/kernel/rtnetlink/filter.ts';
import { createVeth, parseLink, setLink } from '../../../../agent/kernel/rtnetlink/link.ts';
import { parseNeighbour, putPermanentNeighbour } from '../../../../agent/kernel/rtnetlink/neighbour.ts';
import { addressOf, macOf } from '../../../../agent/kernel/rtnetlink/parse.ts';
import { parseRoute, putRoute, type Route } from '../../../../agent/kernel/rtnetlink/route.ts';
import { addRule, parseRule } from '../../../../agent/kernel/rtnetlink/rule.ts';
import { FAMILIES, parseAddress } from '../../../../api/net/address.ts';
import { parsePrefix } from '../../../../api/net/prefix.ts';

const mac = (last: number) => ({ value: 0x060000000000 + last });
const buffer = (message: NetlinkMessage) => Buffer.from(message.bytes);

function vethBetween(path: string): NetlinkMessage {
  return createVeth({
    host: { name: 'hd0123456789ab', mac: mac(1), mtu: 1450 },
    peer: { name: 'net1', mac: mac(2), mtu: 1450 },
    peerNetns: path,
  });
}

describe('messages to the kernel', () => {
  it('say their own length, ask for an answer, and end on a word', () => {
    const messages = [vethBetween('/run/netns/a'), setLink({ index: 4 }, { alias: 'uid/net1', up: true })];
    for (const bytes of messages.map(buffer)) {
      expect(bytes.readUInt32LE(0)).toBe(bytes.length);
      expect(bytes.length % 4).toBe(0);
      expect(bytes.readUInt16LE(6) & 0x5).toBe(0x5);
    }
  });

  it('leave a place for the descriptor of a namespace, exactly where its attribute is', () => {
    const message = vethBetween('/run/netns/a');
    expect(message.descriptors).toHaveLength(1);
    const [place] = message.descriptors;
    expect(place).toMatchObject({ kind: 'Netns', path: '/run/netns/a' });
    // IFLA_NET_NS_FD is 28, and its attribute is 8 bytes long.
    expect(buffer(message).readUInt16LE(place!.offset - 4)).toBe(8);
    expect(buffer(message).readUInt16LE(place!.offset - 2)).toBe(28);
  });

  it('leave a place for the descriptor of a program', () => {
    const message = putFilter(
      { ifindex: 4, direction: 'ingress' },
      { pin: '/p/pod_ingress', name: 'pod_ingress' },
    );
    const [place] = message.descriptors;
    expect(place).toMatchObject({ kind: 'Pin', path: '/p/pod_ingress' });
    expect(buffer(message).readUInt16LE(place!.offset - 2)).toBe(6);
    expect(parseFilterProgram(message.bytes)).toBeUndefined();
  });

  it('say no flags of a link that is only given another size', () => {
    expect(buffer(setLink({ index: 4 }, { mtu: 1400 })).readUInt32LE(28)).toBe(0);
    expect(buffer(setLink({ index: 4 }, { up: false })).readUInt32LE(28)).toBe(1);
  });
});

describe('what is read from the kernel is what was written to it', () => {
  it('a link', () => {
    expect(parseLink(vethBetween('/run/netns/a').bytes)).toMatchObject({
      name: 'hd0123456789ab',
      mtu: 1450,
      kind: 'veth',
      up: false,
    });
  });

  it('an address', () => {
    for (const text of ['10.20.0.5', 'fd20::5']) {
      const address = { ifindex: 4, address: parseAddress(text), prefixLength: 16 };
      expect(parseInterfaceAddress(putAddress(address, 0x202).bytes)).toEqual({
        ...address,
        flags: 0x202,
        scope: 0,
      });
    }
  });

  it.each<[string, Route]>([
    ['on the link', { destination: parsePrefix('10.20.0.0/16'), ifindex: 4, table: 254, protocol: 72 }],
    [
      'by a gateway, in a table beyond 255, with an MTU',
      {
        destination: parsePrefix('::/0'),
        ifindex: 4,
        table: 1000,
        protocol: 72,
        gateway: parseAddress('fe80::1'),
        mtu: 1400,
      },
    ],
  ])('a route %s', (_, route) => {
    expect(parseRoute(putRoute(route).bytes)).toEqual(route);
  });

  it('a rule, also with the highest bit of a mark and preference 0', () => {
    for (const family of FAMILIES) {
      const rule = { family, priority: 0, table: 100, mark: { value: 0x80000000, mask: 0x80000000 } };
      expect(parseRule(addRule(rule).bytes)).toEqual(rule);
    }
  });

  it('a neighbour', () => {
    const neighbour = { ifindex: 4, address: parseAddress('169.254.1.1'), mac: mac(1) };
    const parsed = parseNeighbour(putPermanentNeighbour(neighbour).bytes);
    expect(parsed).toEqual({ ...neighbour, permanent: true });
  });
});

describe('bytes of an unexpected length', () => {
  it('are no address, and no hardware address', () => {
    const none = Buffer.alloc(0);
    for (const bytes of [undefined, none, Buffer.alloc(1), Buffer.alloc(20)]) {
      expect(addressOf(bytes)).toBeUndefined();
      expect(macOf(bytes)).toBeUndefined();
    }
    expect(macOf(Buffer.alloc(4))).toBeUndefined();
    expect(addressOf(Buffer.of(10, 0, 0, 1))).toEqual(parseAddress('10.0.0.1'));
  });
});

describe('names of errors', () => {
  it('are those that manuals use', () => {
    expect([17, 11, 95, 524].map(errnoName)).toEqual(['EEXIST', 'EAGAIN', 'EOPNOTSUPP', 'ENOTSUPP']);
  });

  it('are the number where there is none', () => {
    expect(errnoName(4000)).toBe('errno 4000');
  });
});
