// SPDX-License-Identifier: Apache-2.0
import { assembleChain, type Chain } from '../../agent/render/chain.ts';
import {
  encodeMacFrom,
  encodeMacTo,
  encodeMark,
  instanceMac,
  instanceOfMac,
} from '../../api/context/context.ts';
import { formatMac } from '../../api/net/mac.ts';
import { type ChainPlan, renderInstancePort, renderPodPort, renderSlice } from '../kernel/world/resources.ts';
import { PacketBench } from './bench.ts';
import { ETHERTYPE, ethernet, type IpOptions, icmp, ipv4, ipv6, PROTOCOL } from './frame.ts';

/**
 * The environment of packet tests: a node, two networks with the same addresses, and functions on this node and on
 * others.
 */

const objectFile = new URL('../../dist/heddle.bpf.o', import.meta.url).pathname;
export const VNI = 4097;
/** The network of another tenant, with the same addresses. */
export const OTHER_VNI = 4098;
export const DROP = 2;
export const REDIRECT = 7;
export const MAC = {
  client: '06:00:00:00:00:01',
  server: '06:00:00:00:00:02',
  remote: '06:00:00:00:00:03',
  twin: '06:00:00:00:00:15',
} as const;
export const ADDRESS = {
  4: { client: '10.20.0.1', server: '10.20.0.2', remote: '10.20.0.3' },
  6: { client: 'fd20::1', server: 'fd20::2', remote: 'fd20::3' },
} as const;
export type Family = keyof typeof ADDRESS;
export const FAMILIES = [4, 6] as const;

/** Instances by name; those of `pool` are of one function. */
export const INSTANCE = {
  near: { id: 1, node: 'here', function: 'near' },
  far: { id: 2, node: 'there', function: 'far' },
  p1: { id: 11, node: 'here', function: 'pool' },
  p2: { id: 12, node: 'here', function: 'pool' },
  p3: { id: 13, node: 'there', function: 'pool' },
  p4: { id: 14, node: 'there', function: 'pool' },
  stranger: { id: 21, node: 'here', function: 'stranger' },
  balancer: { id: 22, node: 'here', function: 'balancer', kind: 'LoadBalancer' },
  custom: { id: 23, node: 'here', function: 'custom', kind: 'CustomFunction' },
} as const;

const pod = (
  name: string,
  node: string,
  network: { name: string; vni: number; index: number; mac: number },
) =>
  renderPodPort({
    name,
    node,
    network: network.name,
    vni: network.vni,
    addresses: [`10.20.0.${network.index}`, `fd20::${network.index}`],
    index: network.mac,
  });
const shop = { name: 'shop', vni: VNI };
const other = { name: 'other', vni: OTHER_VNI };
const PORTS = [
  pod('client', 'here', { ...shop, index: 1, mac: 1 }),
  pod('server', 'here', { ...shop, index: 2, mac: 2 }),
  pod('remote', 'there', { ...shop, index: 3, mac: 3 }),
  pod('twin', 'here', { ...other, index: 1, mac: 0x15 }),
  pod('twin-server', 'here', { ...other, index: 2, mac: 0x16 }),
  ...Object.entries(INSTANCE).map(([name, instance]) => renderInstancePort({ name, ...instance })),
];

const EVERYBODY = { any: true } as const;
const CLIENTS = { any: false, addresses: ['10.20.0.1', 'fd20::1'] } as const;
const SERVERS = { any: false, addresses: ['10.20.0.2', 'fd20::2', '10.20.0.3', 'fd20::3'] } as const;

/** A chain from the client to the servers, unless the test sets other ends. */
export function chain(
  plan: Pick<ChainPlan, 'pathId' | 'hops'> &
    Partial<ChainPlan> & { readonly fromAll?: boolean; readonly vni?: number },
): Chain {
  const { fromAll = false, vni = VNI, ...rest } = plan;
  const name = `chain-${plan.pathId}`;
  const ends = fromAll ? { from: EVERYBODY, to: EVERYBODY } : { from: CLIENTS, to: SERVERS };
  const slice = renderSlice({ ...ends, name, network: 'shop', ...rest }, { vni, ports: PORTS });
  return assembleChain(`test/${name}`, [slice])!;
}

/** Starts a bench, also with networks without chains; `setNetwork` can write each of them again. */
export function startBench(
  chains: readonly Chain[],
  more: {
    readonly mtu?: number;
    readonly otherChains?: readonly Chain[];
    readonly object?: string;
    readonly underlay?: Family;
  } = {},
): Promise<PacketBench> {
  const { mtu = 1450, otherChains = [], object = objectFile, underlay = 4 } = more;
  const networks = [
    { vni: VNI, mtu, chains },
    { vni: OTHER_VNI, mtu, chains: otherChains },
  ];
  return PacketBench.create({ objectFile: object, ports: PORTS, networks, underlay });
}

export const ICMP = { 4: PROTOCOL.icmp, 6: PROTOCOL.icmpv6 } as const;

/** A ping or its reply, which are flows like any other. */
export function echo(family: Family, kind: 'request' | 'reply' = 'request'): Buffer {
  const types = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;
  return icmp(types[family][kind]);
}

/** An IP packet from the client to the server, with the test's changes. */
export function packet(family: Family, more: Partial<IpOptions> & { payload: Buffer }): Buffer {
  const { client, server } = ADDRESS[family];
  const options = { source: client, destination: server, protocol: PROTOCOL.udp, ...more };
  return family === 4 ? ipv4(options) : ipv6(options);
}

/** An IP packet from the server to the client, with the test's changes. */
export function answer(family: Family, more: Partial<IpOptions> & { payload: Buffer }): Buffer {
  const { client, server } = ADDRESS[family];
  return packet(family, { source: server, destination: client, ...more });
}

/** A frame of the client, or of another Port. */
export function frame(
  family: Family,
  payload: Buffer,
  ends: { readonly source?: string; readonly destination?: string } = {},
): Buffer {
  const { source = MAC.client, destination = MAC.server } = ends;
  return ethernet({ source, destination, type: family === 4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6, payload });
}

export function destinationOf(bytes: Buffer): Buffer {
  return bytes.subarray(0, 6);
}

export function sourceOf(bytes: Buffer): Buffer {
  return bytes.subarray(6, 12);
}

interface Context {
  readonly path: number;
  readonly position: number;
  readonly reply?: boolean;
  readonly instance?: number;
}

/** The destination MAC of a packet to an instance. */
export function toInstance({ reply, ...place }: Context): Buffer {
  return Buffer.from(encodeMacTo({ ...place, isReply: reply }));
}

/** The source MAC of a packet from an instance. */
export function fromInstance({ reply, ...place }: Context): Buffer {
  return Buffer.from(encodeMacFrom({ ...place, isReply: reply }));
}

/** The MAC of an instance's own interface. */
export function ownMacOf(instance: keyof typeof INSTANCE): string {
  return formatMac(instanceMac(INSTANCE[instance].id));
}

/** The mark of a packet in a function's namespace. */
export function markOf({ reply, ...place }: Context): number {
  return encodeMark({ ...place, isReply: reply });
}

/** The instance that a packet was sent to. */
export function instanceOf(bytes: Buffer): number {
  return instanceOfMac(bytes);
}
