// SPDX-License-Identifier: Apache-2.0
import fc, { type Arbitrary } from 'fast-check';
import { encodeMacFrom, encodeMacTo, instanceMac } from '../../../api/context/context.ts';
import { vxlanPort } from '../../../api/names.ts';
import { parseAddress } from '../../../api/net/address.ts';
import { formatMac } from '../../../api/net/mac.ts';
import { mappedBytes } from '../../../api/net/mapped.ts';
import { VTEPS } from '../../packets/bench.ts';
import {
  arp,
  ETHERTYPE,
  ethernet,
  icmp,
  ipv4,
  ipv6,
  neighbourSolicitation,
  ports,
  tcp,
  udp,
  vxlan,
} from '../../packets/frame.ts';
import { ADDRESS, type Family, INSTANCE, MAC } from '../../packets/ground.ts';
import { changedBytes } from '../arbitraries.ts';

// Frames that are nearly right: an attacker knows addresses, ports, paths and instances.

const family = fc.constantFrom<Family>(4, 6);
const MAPPED = { 4: '10.20.0.77', 6: 'fe80::1' } as const;
const NOBODY = { 4: '224.0.0.1', 6: 'ff02::1' } as const;
const addressOf = (of: Family) =>
  fc.constantFrom(...Object.values(ADDRESS[of]), MAPPED[of], NOBODY[of], of === 4 ? '192.0.0.8' : '::');
const port = fc.constantFrom(0, 53, 54, 1000, 65_535);
const protocol = fc.constantFrom(1, 6, 17, 58, 132, 47, 136, 0, 44);
const flags = fc.constantFrom(0, 2, 4, 16, 18, 17);

const transport: Arbitrary<Buffer> = fc.oneof(
  fc.tuple(port, port).map(([source, destination]) => ports(source, destination)),
  fc.tuple(port, port, flags).map(([source, destination, each]) => tcp(source, destination, each)),
  fc
    .tuple(fc.constantFrom(8, 0, 128, 129, 133, 134, 135, 136, 137), fc.nat(1))
    .map(([type, code]) => icmp(type, code)),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
);

function datagram(of: Family, payload: Arbitrary<Buffer>): Arbitrary<Buffer> {
  const options = fc.record({
    source: fc.oneof({ weight: 3, arbitrary: fc.constant(ADDRESS[of].client) }, addressOf(of)),
    destination: fc.oneof({ weight: 3, arbitrary: fc.constant(ADDRESS[of].server) }, addressOf(of)),
    protocol,
    payload,
    ttl: fc.constantFrom(64, 255, 1),
    fragment: fc.option(fc.record({ id: fc.nat(3), offset: fc.nat(3), more: fc.boolean() }), {
      freq: 6,
      nil: {},
    }),
    extensions: fc.array(fc.constantFrom(0, 43, 60), { maxLength: of === 6 ? 7 : 0 }),
  });
  return options.map(({ fragment, ...rest }) => (of === 4 ? ipv4 : ipv6)({ ...rest, ...fragment }));
}

/** IPv6 with IPv4 addresses in IPv6 form: the maps have IPv4 addresses in that form too. */
const mapped = datagram(6, transport).map((bytes) => {
  for (const [at, address] of [
    [8, ADDRESS[4].client],
    [24, ADDRESS[4].server],
  ] as const) {
    bytes.set(mappedBytes(parseAddress(address)), at);
  }
  return bytes;
});

/** An error that quotes another packet, perhaps one that was never sent. */
const quoting = (of: Family) =>
  fc
    .tuple(
      of === 4 ? fc.constantFrom(3, 4, 5, 11, 12) : fc.constantFrom(1, 2, 3, 4, 0),
      fc.nat(4),
      datagram(of, transport),
      fc.nat(60),
    )
    .map(([type, code, quoted, length]) => icmp(type, code, quoted.subarray(0, length)));

const ip: Arbitrary<{ readonly type: number; readonly payload: Buffer }> = family.chain((of) =>
  fc
    .oneof(
      { weight: 8, arbitrary: datagram(of, transport) },
      { weight: 2, arbitrary: datagram(of, quoting(of)) },
      of === 4 ? datagram(of, transport) : mapped,
    )
    .map((payload) => ({ type: of === 4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6, payload })),
);

const macText = (bytes: Uint8Array) => formatMac({ value: Buffer.from(bytes).readUIntBE(0, 6) });
const anyContext = fc
  .record({
    path: fc.constantFrom(0, 7, 8, 9, 99),
    position: fc.nat(3),
    isReply: fc.boolean(),
    isProbe: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()),
    instance: fc.constantFrom(0, ...Object.values(INSTANCE).map(({ id }) => id)),
    bounces: fc.nat(3),
  })
  .chain((place) => fc.constantFrom(macText(encodeMacTo(place)), macText(encodeMacFrom(place))));
/** The contexts in which an instance of `near` forwards, and those in which other nodes send to it. */
const nears = [7, 8].flatMap((path) =>
  [false, true].map((isReply) => ({ path, position: path - 7, isReply, instance: INSTANCE.near.id })),
);
export const fromNear: Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(...nears.map((place) => macText(encodeMacTo({ ...place, instance: 0 })))),
  },
  anyContext,
);
export const toHere: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<string>(MAC.client, MAC.server, MAC.twin) },
  { weight: 3, arbitrary: fc.constantFrom(...nears.map((place) => macText(encodeMacTo(place)))) },
  anyContext,
);
const ownMacs = Object.values(INSTANCE).map(({ id }) => formatMac(instanceMac(id)));
const anyMac = fc.oneof(
  fc.constantFrom(...Object.values(MAC), ...ownMacs, 'ff:ff:ff:ff:ff:ff', '33:33:00:00:00:01'),
  anyContext,
);

const asked = fc.constantFrom<Buffer>(
  arp({ operation: 1, senderMac: MAC.client, senderIp: '10.20.0.1', targetIp: '10.20.0.2' }),
  arp({ operation: 2, senderMac: MAC.client, senderIp: '10.20.0.2', targetIp: '10.20.0.1' }),
);
const solicited = fc.constantFrom('fd20::2', 'fd20::77').map((target) =>
  ipv6({
    source: 'fd20::1',
    destination: 'ff02::1:ff00:2',
    protocol: 58,
    ttl: 255,
    payload: neighbourSolicitation(target, MAC.client),
  }),
);
const payload = fc.oneof(
  { weight: 12, arbitrary: ip },
  asked.map((bytes) => ({ type: ETHERTYPE.arp, payload: bytes })),
  solicited.map((bytes) => ({ type: ETHERTYPE.ipv6, payload: bytes })),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ type: ETHERTYPE.vlan, payload: Buffer.from(bytes) })),
);

/** Frames of a sender whose MAC is mostly `source`; at least as long as the kernel's test of a program takes. */
export function framesOf(source: string, destination: Arbitrary<string> = anyMac): Arbitrary<Buffer> {
  const sender = fc.oneof({ weight: 12, arbitrary: fc.constant(source) }, anyMac);
  const whole = fc
    .tuple(sender, fc.oneof({ weight: 2, arbitrary: destination }, anyMac), payload)
    .map(([from, to, rest]) => ethernet({ source: from, destination: to, ...rest }));
  return changedBytes(whole)
    .map((bytes) => bytes.subarray(0, LONGEST))
    .filter((bytes) => bytes.length >= shortest(bytes));
}

/** Linux 6.18 tests a program with no frame that is shorter than its headers say; test/kernel/isolation sends such. */
function shortest(frame: Buffer): number {
  if (frame.length < 15) return 15;
  const type = frame.readUInt16BE(12);
  return type === ETHERTYPE.ipv4 ? 34 : type === ETHERTYPE.ipv6 ? 54 : 15;
}

const LONGEST = 1400;

/** A packet that arrives at the underlay: VXLAN that is nearly right, in Ethernet of the device itself. */
export interface Arrival {
  readonly frame: Buffer;
  readonly vni: number;
  readonly sender: string;
  readonly inner: Buffer;
}

/** The kernel's test of a program takes a packet for its own if it is for this MAC, that of the loopback device. */
const OWN_MAC = '00:00:00:00:00:00';

export function arrivalsOf(
  inner: Arbitrary<Buffer>,
  options: {
    readonly vnis: Arbitrary<number>;
    readonly senders: Arbitrary<string>;
    /** The IP version of the underlay. */
    readonly underlay: Family;
  },
): Arbitrary<Arrival> {
  const { vnis, senders, underlay } = options;
  const [write, type] = underlay === 4 ? [ipv4, ETHERTYPE.ipv4] : [ipv6, ETHERTYPE.ipv6];
  const outerLength = OUTER[underlay];
  return fc
    .record({ inner, vni: vnis, sender: senders, trafficClass: fc.constantFrom(0, 0xb8, 1, 2, 3) })
    .chain((said) => {
      const { vni, sender, trafficClass } = said;
      const payload = write({
        source: sender,
        destination: VTEPS[underlay].own,
        protocol: 17,
        payload: udp(50_000, vxlanPort, vxlan(vni, said.inner)),
        trafficClass,
      });
      const whole = ethernet({ source: MAC.remote, destination: OWN_MAC, type, payload });
      const outer = changedBytes(fc.constant(whole.subarray(0, outerLength)));
      return outer.map((bytes) => ({
        frame: Buffer.concat([bytes, whole.subarray(outerLength)]),
        vni,
        sender,
        inner: said.inner,
      }));
    })
    .filter(({ frame }) => frame.length >= shortest(frame));
}

/** Bytes before the inner Ethernet header. */
const OUTER = { 4: 50, 6: 70 } as const;
