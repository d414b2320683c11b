// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChainEndpoint, ServiceChain, ServiceChainSpec } from '../../api/index.ts';
import { parseAddress } from '../../api/net/address.ts';
import { formatPrefix, prefixOf } from '../../api/net/prefix.ts';
import type { PacketBench, Verdict } from './bench.ts';
import { ETHERTYPE, ethernet, icmp, ipv4, ipv6, PROTOCOL, ports, TCP_FLAG, tcp } from './frame.ts';
import { DROP, destinationOf, REDIRECT } from './ground.ts';
import { chainOf, hasAddress, type Protocol, type Tuple, turned } from './policy-model.ts';
import { macOf, PATH_IDS, PODS, PolicyWorld, startPolicyBench } from './policy-world.ts';

// The product and the model of docs/api.md must agree on every packet, after every edit of the chains.

/** How long packets are compared: the rest of the suite must not wait for more. */
const LONGEST_MS = 12_000;
const RUNS = 400;

const POD_NAMES = Object.keys(PODS);
const OWN = POD_NAMES.flatMap((name) => PODS[name]!.addresses);
const BEHIND = ['10.99.0.9', '10.99.0.63', '10.99.0.64', 'fd99::5', 'fd99:0:0:0:300::1'];
const STRANGERS = [
  '10.20.0.0',
  '10.20.0.15',
  '10.20.9.9',
  '10.99.0.200',
  '192.0.2.1',
  'fd20::9',
  '2001:db8::1',
];
const ADDRESSES = [...OWN, ...BEHIND, ...STRANGERS];
const isV6 = (address: string) => address.includes(':');

/** A range around an address, of any length: most are no whole number of bytes. */
const rangeAround = (address: string, shortest: number) =>
  fc
    .integer({ min: shortest, max: isV6(address) ? 128 : 32 })
    .map((length) => formatPrefix(prefixOf(parseAddress(address), length)));
const near = fc.constantFrom(...ADDRESSES).chain((address) => rangeAround(address, isV6(address) ? 56 : 18));
const range: fc.Arbitrary<ChainEndpoint> = fc
  .oneof(
    { weight: 7, arbitrary: near },
    { weight: 2, arbitrary: fc.constantFrom(...ADDRESSES).chain((address) => rangeAround(address, 0)) },
    { weight: 1, arbitrary: fc.constantFrom('0.0.0.0/0', '::/0', '::/1') },
  )
  .chain((cidr) => {
    const length = Number(cidr.split('/')[1]);
    const inside = ADDRESSES.filter(
      (address) =>
        isV6(address) === isV6(cidr) && formatPrefix(prefixOf(parseAddress(address), length)) === cidr,
    );
    const isWhole = length === (isV6(cidr) ? 128 : 32);
    if (isWhole) return fc.constant({ cidr });
    if (inside.length === 0) return fc.constant({ cidr });
    const except = fc.constantFrom(...inside).chain((address) => rangeAround(address, length + 1));
    return fc
      .uniqueArray(except, { maxLength: 2 })
      .map((list): ChainEndpoint => (list.length > 0 ? { cidr, except: list } : { cidr }));
  });
const label = (key: string, ...values: readonly string[]) =>
  fc.constantFrom(...values).map((value) => ({ matchLabels: { [key]: value } }));
const app = fc.oneof(label('app', 'web', 'db', 'gateway', 'nobody'), label('tier', 'crowd'));
const endpoint: fc.Arbitrary<ChainEndpoint> = fc.oneof(
  { weight: 4, arbitrary: range },
  { weight: 2, arbitrary: app.map((podSelector) => ({ podSelector })) },
  {
    weight: 1,
    arbitrary: fc.record({
      podSelector: fc.oneof(app, fc.constant({})),
      namespaceSelector: label('team', 'shop', 'bank'),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ vpn: 'branch' }, { vpn: 'missing' }) },
);
const end = fc.option(fc.array(endpoint, { minLength: 1, maxLength: 3 }), { nil: undefined, freq: 3 });
const port = fc.constantFrom(53, 80, 81, 443, 40_000);
const portMatch: fc.Arbitrary<NonNullable<ServiceChainSpec['ports']>[number]> = fc.oneof(
  fc.constantFrom({ protocol: 'ICMP' as const }, { protocol: 'TCP' as const }, { protocol: 'SCTP' as const }),
  fc.record({ protocol: fc.constantFrom('TCP' as const, 'UDP' as const, 'SCTP' as const), port }),
  fc
    .record({ protocol: fc.constantFrom('TCP' as const, 'UDP' as const), port, more: fc.nat(400) })
    .map(({ protocol, port: first, more }) => ({ protocol, port: first, endPort: first + more })),
);
const CREATED = ['2026-11-30T10:00:00Z', '2026-11-30T10:00:01Z', '2026-11-29T23:00:00Z'] as const;
const chain: fc.Arbitrary<ServiceChain> = fc
  .record({
    name: fc.constantFrom(...Object.keys(PATH_IDS)),
    createdAt: fc.constantFrom(...CREATED),
    priority: fc.constantFrom(0, 1000, 1000, 1001),
    from: end,
    to: end,
    ports: fc.option(fc.array(portMatch, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  })
  .map(({ name, createdAt, priority, from, to, ports: list }) => ({
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'ServiceChain',
    metadata: { namespace: 'test', name, uid: name, generation: 1, creationTimestamp: createdAt },
    spec: {
      network: 'shop',
      priority,
      establishedFlows: 'Through',
      functions: [{ kind: 'Firewall', name: 'near', onFailure: 'Closed' }],
      ...(from && { from }),
      ...(to && { to }),
      ...(list && { ports: list }),
    } as ServiceChainSpec,
  }));

/** An edit of one object; all others stay the same objects. */
type Edit =
  | { readonly set: ServiceChain }
  | { readonly remove: string }
  | { readonly relabel: string; readonly app: string };
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ set: chain }) },
  { weight: 1, arbitrary: fc.record({ remove: fc.constantFrom(...Object.keys(PATH_IDS)) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      relabel: fc.constantFrom(...POD_NAMES),
      app: fc.constantFrom('web', 'db', 'nobody'),
    }),
  },
);

function carryOut(world: PolicyWorld, of: Edit): void {
  if ('set' in of) world.setChain(of.set);
  else if ('remove' in of) world.removeChain(of.remove);
  else world.relabel(of.relabel, { app: of.app });
}

const NUMBERS: Readonly<Record<Protocol, number>> = {
  TCP: PROTOCOL.tcp,
  UDP: PROTOCOL.udp,
  SCTP: PROTOCOL.sctp,
  ICMP: PROTOCOL.icmp,
  GRE: PROTOCOL.gre,
};
const PORTLESS: ReadonlySet<Protocol> = new Set(['ICMP', 'GRE']);
const tuple: fc.Arbitrary<Tuple> = fc
  .tuple(fc.constantFrom(...OWN, ...BEHIND), fc.constantFrom(...ADDRESSES))
  .filter(([source, destination]) => isV6(source) === isV6(destination))
  .filter(([source, destination]) => senderOf(source) !== senderOf(destination))
  .chain(([source, destination]) =>
    fc.record({
      source: fc.constant(source),
      destination: fc.constant(destination),
      protocol: fc.constantFrom<Protocol>('TCP', 'TCP', 'UDP', 'SCTP', 'ICMP', 'GRE'),
      sourcePort: port,
      destinationPort: port,
    }),
  )
  .map((each) => (PORTLESS.has(each.protocol) ? { ...each, sourcePort: 0, destinationPort: 0 } : each));

function senderOf(address: string): string | undefined {
  return POD_NAMES.find((name) => hasAddress(PODS[name]!, address));
}

describe('every packet takes the path of the chain that the API promises', () => {
  let bench: PacketBench;
  beforeAll(async () => {
    bench = await startPolicyBench();
  });
  afterAll(() => bench?.close());

  async function send(of: Tuple, isAnswer: boolean): Promise<string> {
    const sender = senderOf(of.source)!;
    const packet = (isV6(of.source) ? ipv6 : ipv4)({
      ...of,
      protocol: of.protocol === 'ICMP' && isV6(of.source) ? PROTOCOL.icmpv6 : NUMBERS[of.protocol],
      payload: payloadOf(of, isAnswer),
    });
    const type = isV6(of.source) ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4;
    const frame = ethernet({
      source: macOf(sender),
      destination: '06:00:00:00:00:99',
      type,
      payload: packet,
    });
    return said(await bench.cross('pod_ingress', { port: sender, frame }));
  }

  test('after any edits of chains and pods', { timeout: 60_000 }, async () => {
    const steps = fc.array(fc.record({ edit, asked: fc.array(tuple, { minLength: 4, maxLength: 12 }) }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const world = new PolicyWorld(bench);
        const openers = new Map<string, string>();
        await bench.forgetFlows();
        for (const step of list) {
          carryOut(world, step.edit);
          await world.apply();
          for (const of of step.asked) {
            const way = (each: Tuple, isAnswer: boolean) => wanted(world, each, { openers, isAnswer });
            expect([of, await send(of, false)]).toEqual([of, way(of, false)]);
            const answer = turned(of);
            if (senderOf(answer.source) === undefined) continue;
            expect([answer, await send(answer, true)]).toEqual([answer, way(answer, true)]);
          }
        }
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: LONGEST_MS, markInterruptAsFailure: false },
    );
  });
});

/** What the model says becomes of a packet, in the words of `said`. `openers` is what earlier packets have shown. */
function wanted(
  world: PolicyWorld,
  of: Tuple,
  { openers, isAnswer }: { readonly openers: Map<string, string>; readonly isAnswer: boolean },
): string {
  const found = chainOf(world.policy, of);
  if (!found) {
    const receiver = senderOf(of.destination);
    return receiver === undefined ? 'dropped' : `direct to ${macOf(receiver)}`;
  }
  const { name } = found.chain.metadata;
  if (found.way !== 'Either') return `${name} ${found.way}`;
  const ends = [`${of.source} ${of.sourcePort}`, `${of.destination} ${of.destinationPort}`];
  const key = [name, of.protocol, ...[...ends].sort()].join();
  const begins = !openers.has(key) || (of.protocol === 'TCP' && !isAnswer);
  if (begins) openers.set(key, ends[0]!);
  return `${name} ${openers.get(key) === ends[0] ? 'Forward' : 'Reply'}`;
}

function payloadOf({ protocol, source, sourcePort, destinationPort }: Tuple, isAnswer: boolean): Buffer {
  switch (protocol) {
    case 'TCP':
      return tcp(sourcePort, destinationPort, isAnswer ? TCP_FLAG.ack : TCP_FLAG.syn);
    case 'UDP':
      return ports(sourcePort, destinationPort);
    case 'SCTP':
      return ports(sourcePort, destinationPort, Buffer.alloc(8));
    case 'ICMP':
      return isV6(source) ? icmp(isAnswer ? 129 : 128) : icmp(isAnswer ? 0 : 8);
    case 'GRE':
      return Buffer.from([0, 0, 8, 0]);
  }
}

/** What a program did with a packet. The bits of the mark are those of docs/architecture.md, "Context of a packet". */
function said({ action, mark, frame }: Verdict): string {
  if (action === DROP) return 'dropped';
  if (action !== REDIRECT) return `action ${action}`;
  if (mark === 0) return `direct to ${[...destinationOf(frame)].map(hex).join(':')}`;
  const name = Object.entries(PATH_IDS).find(([, id]) => id === (mark & 0xffff))?.[0];
  return `${name} ${mark & 0x2000_0000 ? 'Reply' : 'Forward'}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
