// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { FirewallEndpoint, FirewallRule, FirewallSpec } from '../../../api/index.ts';
import { PATHS } from './bed.ts';
import type { Packet } from './packets.ts';

/** Few addresses and ports, so that rules and packets often meet, overlap and miss each other. */
const HOSTS = {
  4: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.1.1', '192.168.0.1', ...many((i) => `10.7.0.${i}`)],
  6: ['fd00::1', 'fd00::2', 'fd00::3', 'fd00:1::1', 'fd09::1', ...many((i) => `fd07::${i.toString(16)}`)],
} as const;

const CIDRS = [
  ...[
    '0.0.0.0/0',
    '10.0.0.0/8',
    '10.0.0.0/24',
    '10.0.0.2/31',
    '10.0.0.2/32',
    '10.0.0.0/30',
    '192.168.0.0/16',
  ],
  ...[
    '::/0',
    'fd00::/16',
    'fd00::/64',
    'fd00::2/127',
    'fd00::2/128',
    'fd09::/32',
    '10.7.0.0/28',
    'fd07::8/125',
  ],
];

const SOURCE_PORTS = [1000, 1001, 2000];
const DESTINATION_PORTS = [53, 80, 85, 443, 8080];
const PORT_MATCHES = [53, 80, '80-90', '443', '1-1023', '1000-1001', 2000, '8000-9000', '1-65535'];

function many(make: (i: number) => string): string[] {
  return Array.from({ length: 24 }, (_, i) => make(i + 1));
}

export const SELECTORS = [{ matchLabels: { app: 'a' } }, { matchLabels: { app: 'b' } }] as const;

const hosts = fc.constantFrom(...HOSTS[4], ...HOSTS[6]);

const endpoint: fc.Arbitrary<FirewallEndpoint> = fc
  .record(
    {
      cidrs: fc.uniqueArray(fc.constantFrom(...CIDRS), { minLength: 1, maxLength: 3 }),
      set: fc.constantFrom('red', 'blue'),
      podSelector: fc.constantFrom(...SELECTORS),
      not: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .filter((each) => each.cidrs !== undefined || each.set !== undefined || each.podSelector !== undefined);

const plainEndpoint: fc.Arbitrary<FirewallEndpoint> = fc
  .uniqueArray(fc.constantFrom(...CIDRS), { minLength: 1, maxLength: 2 })
  .map((cidrs) => ({ cidrs }));

const oneHost: fc.Arbitrary<FirewallEndpoint> = hosts.map((host) => ({
  cidrs: [`${host}/${host.includes(':') ? 128 : 32}`],
}));

const ports = fc.uniqueArray(fc.constantFrom(...PORT_MATCHES), { minLength: 1, maxLength: 3 });
const action = fc.constantFrom('Accept' as const, 'Accept' as const, 'Drop' as const, 'Reject' as const);
const rate = fc.record({
  perSecond: fc.constant(1),
  burst: fc.integer({ min: 1, max: 4 }),
  per: fc.constantFrom('Rule' as const, 'Source' as const),
});

type Part = Omit<FirewallRule, 'name' | 'action'>;

function withPorts(side: fc.Arbitrary<FirewallEndpoint>): fc.Arbitrary<Part> {
  return fc
    .record(
      {
        protocol: fc.constantFrom('TCP' as const, 'UDP' as const, 'SCTP' as const),
        source: side,
        destination: side,
        sourcePorts: ports,
        destinationPorts: ports,
        rate: rare(rate),
      },
      { requiredKeys: ['protocol'] },
    )
    .map(dropUndefined);
}

const withoutPorts: fc.Arbitrary<Part> = fc
  .record({ source: endpoint, destination: endpoint, rate: rare(rate) }, { requiredKeys: [] })
  .map(dropUndefined);

const icmp: fc.Arbitrary<Part> = fc
  .record(
    {
      protocol: fc.constantFrom('ICMP' as const, 'ICMPv6' as const),
      source: endpoint,
      destination: plainEndpoint,
      icmpTypes: fc.uniqueArray(fc.constantFrom(0, 3, 8, 13, 128, 129, 1), { minLength: 1, maxLength: 3 }),
      rate: rare(rate),
    },
    { requiredKeys: ['protocol'] },
  )
  .map(dropUndefined);

/** A rare value: most rules of a long list have no rate, or none of them would fit the maps. */
function rare<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 1, arbitrary: value }, { weight: 5, arbitrary: fc.constant(undefined) });
}

function dropUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

const anyPart = fc.oneof(
  withPorts(endpoint),
  withPorts(plainEndpoint),
  withPorts(oneHost),
  withoutPorts,
  icmp,
);
/** Rules that are typical for long lists: one host, one port. */
const listPart = withPorts(oneHost);

/** Networks of one prefix length: they fit a hash map. */
const maskPart = fc
  .record({
    side: fc.constantFrom('source' as const, 'destination' as const),
    net: fc.constantFrom(
      ...many((i) => `10.7.0.${2 * (i >> 1)}/31`),
      ...many((i) => `fd07::${(4 * (i >> 2)).toString(16)}/126`),
    ),
    port: fc.constantFrom(...DESTINATION_PORTS),
    protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
  })
  .map(
    ({ side, net, port, protocol }): Part => ({
      protocol,
      [side]: { cidrs: [net] },
      destinationPorts: [port],
    }),
  );

const parts = fc.oneof(
  fc.array(maskPart, { minLength: 20, maxLength: 60 }),
  fc.array(anyPart, { maxLength: 12 }),
  fc.array(anyPart, { minLength: 10, maxLength: 40 }),
  fc.array(listPart, { minLength: 60, maxLength: 120 }),
);

/** Firewalls. The names of rated rules must be new each time, because what a rule has spent outlives edits. */
export const specs: fc.Arbitrary<FirewallSpec> = fc
  .record({
    defaultAction: fc.constantFrom('Accept' as const, 'Drop' as const, 'Reject' as const),
    stateful: fc.boolean(),
    parts,
    actions: fc.array(action, { minLength: 120, maxLength: 120 }),
    red: fc.uniqueArray(fc.constantFrom(...CIDRS), { maxLength: 4 }),
    blue: fc.uniqueArray(fc.constantFrom(...CIDRS), { minLength: 1, maxLength: 3 }),
  })
  .map(({ defaultAction, stateful, parts: each, actions, red, blue }) => ({
    replicas: 1,
    drainSeconds: 30,
    defaultAction,
    stateful,
    rules: each.map((part, i) => ({ name: `r${i}`, action: actions[i]!, ...part })),
    sets: [
      { name: 'red', cidrs: red },
      { name: 'blue', cidrs: blue },
    ],
  }));

const opener = fc
  .record({
    family: fc.constantFrom(4 as const, 6 as const),
    source: fc.nat(),
    destination: fc.nat(),
    protocol: fc.constantFrom('TCP', 'TCP', 'UDP', 'UDP', 'SCTP', 'ICMP', 'Other'),
    sourcePort: fc.constantFrom(...SOURCE_PORTS),
    destinationPort: fc.constantFrom(...DESTINATION_PORTS),
    icmp: fc.constantFrom(0, 1, 2),
    path: fc.constantFrom(...PATHS),
    /** The packets that follow: the same again, a reply, the same after the reply. */
    sequel: fc.constantFrom('nothing', 'again', 'answer', 'answer and again', 'only answer', 'probe'),
  })
  .map((flow) => {
    const list = HOSTS[flow.family];
    const protocol = flow.protocol === 'ICMP' && flow.family === 6 ? 'ICMPv6' : flow.protocol;
    const source = list[flow.source % list.length]!;
    // An address does not send to itself.
    const others = list.filter((host) => host !== source);
    return { ...flow, protocol, source, destination: others[flow.destination % others.length]! };
  });

/** Packets in order: flows that begin, repeat, and get replies. An id is the place of its packet. */
export const conversations: fc.Arbitrary<readonly Packet[]> = fc
  .array(opener, { minLength: 15, maxLength: 40 })
  .map((flows) => flows.flatMap(packetsOf).map((packet, id) => ({ ...packet, id })));

type Opener = typeof opener extends fc.Arbitrary<infer T> ? T : never;

function packetsOf(flow: Opener): readonly Packet[] {
  const v6 = flow.family === 6;
  const first: Packet = {
    context: { path: flow.path },
    source: flow.source,
    destination: flow.destination,
    protocol: flow.protocol as Packet['protocol'],
    sourcePort: flow.sourcePort,
    destinationPort: flow.destinationPort,
    icmpType: v6 ? [128, 128, 1][flow.icmp]! : [8, 13, 3][flow.icmp]!,
    flags: 'SYN',
    id: 0,
  };
  const isError = first.protocol.startsWith('ICMP') && flow.icmp === 2;
  const answer: Packet = {
    ...first,
    context: { path: flow.path, reply: true },
    source: flow.destination,
    destination: flow.source,
    ...(first.protocol.startsWith('ICMP')
      ? { icmpType: v6 ? 129 : [0, 14][flow.icmp]! }
      : { sourcePort: flow.destinationPort, destinationPort: flow.sourcePort }),
    flags: 'SYN-ACK',
  };
  // The kernel recognizes replies of SCTP, and errors, by more than their addresses; they are not tested here.
  if (isError || first.protocol === 'SCTP') return flow.sequel === 'again' ? [first, first] : [first];
  switch (flow.sequel) {
    case 'again':
      return [first, first];
    case 'answer':
      return [first, answer];
    case 'answer and again':
      return first.protocol === 'TCP' ? [first, answer] : [first, answer, first];
    case 'only answer':
      return [answer];
    case 'probe':
      return [{ ...first, context: { path: PATHS[0], probe: true } }];
    default:
      return [first];
  }
}
