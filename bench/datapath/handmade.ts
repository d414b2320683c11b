// SPDX-License-Identifier: Apache-2.0
import { type Lane, MTU, nameRow, placeLane, type Row } from './lanes.ts';
import { type Namespaces, runIn, WITHOUT_BR_NETFILTER } from './namespaces.ts';
import { HAND_WRITTEN_FIREWALL } from './rulesets.ts';

/**
 * Nodes with hand-built chains: functions with two interfaces, a subnet and a bridge between each two of them, and
 * static routes. Where the ends of a bridge are on two nodes, each node has a VXLAN device that knows only the other
 * node. This is faster than usual set-ups: no flooding lists, no learning, no multicast snooping, no br_netfilter.
 */
export interface Fleet {
  readonly namespaces: Namespaces;
  /** Full names of the nodes' namespaces; their underlay addresses have the same order. */
  readonly nodes: readonly string[];
}

export const UNDERLAY_MTU = 1500;
const VXLAN_PORT = 4789;

export function underlayAddress(index: number): string {
  return `172.30.0.${index + 1}`;
}

/** Builds nodes on one switch, as in the kernel tests. */
export async function buildFleet(namespaces: Namespaces, names: readonly string[]): Promise<Fleet> {
  const underlay = await namespaces.add('underlay');
  await runIn(underlay, ['sysctl', '-qew', ...WITHOUT_BR_NETFILTER]);
  await namespaces.configure(underlay, ['link add br0 type bridge', 'link set br0 up']);
  const nodes: string[] = [];
  for (const [index, name] of names.entries()) {
    const node = await namespaces.add(name);
    await namespaces.configure(underlay, [
      `link add p${index} type veth peer name eth0 netns ${node}`,
      `link set p${index} master br0 up`,
    ]);
    await namespaces.configure(node, [
      `addr add ${underlayAddress(index)}/24 dev eth0`,
      `link set eth0 up mtu ${UNDERLAY_MTU}`,
    ]);
    await runIn(node, ['sysctl', '-qew', ...WITHOUT_BR_NETFILTER]);
    nodes.push(node);
  }
  return { namespaces, nodes };
}

interface Step {
  readonly netns: string;
  readonly node: number;
}

/** Builds one lane; `index` makes its subnets and VNIs unique. */
export async function buildHandmadeLane(fleet: Fleet, row: Row, index: number): Promise<Lane> {
  const steps = await addSteps(fleet, row);
  for (let segment = 0; segment + 1 < steps.length; segment += 1)
    await joinSegment(fleet, { steps, segment, lane: index, name: `${nameRow(row)}${segment}` });
  await routeLane(fleet, steps, index);
  const functions = steps.slice(1, -1).map(({ netns }) => netns);
  for (const netns of functions) {
    await runIn(netns, ['sysctl', '-qw', ...FORWARDING]);
    if (row.work === 'firewall') await runIn(netns, ['nft', '-f', '-'], HAND_WRITTEN_FIREWALL);
  }
  return {
    plan: { ...row, build: 'hand-built' },
    client: steps[0]!.netns,
    server: steps.at(-1)!.netns,
    address: addressOf(index, steps.length - 2, 'right'),
    functions,
  };
}

const FORWARDING = [
  'net.ipv4.ip_forward=1',
  'net.ipv4.conf.all.rp_filter=0',
  'net.ipv4.conf.all.send_redirects=0',
];

async function addSteps(fleet: Fleet, row: Row): Promise<readonly Step[]> {
  const nodes = placeLane(row, fleet.nodes);
  const steps: Step[] = [];
  for (const [position, node] of nodes.entries()) {
    const netns = await fleet.namespaces.add(`${nameRow(row)}-${position}`);
    steps.push({ netns, node: fleet.nodes.indexOf(node) });
  }
  return steps;
}

function addressOf(lane: number, segment: number, end: 'left' | 'right'): string {
  return `10.${100 + lane}.${segment}.${end === 'left' ? 1 : 2}`;
}

interface Segment {
  readonly steps: readonly Step[];
  readonly segment: number;
  readonly lane: number;
  readonly name: string;
}

/** Makes a bridge on the node of each end, and VXLAN between them when there are two. */
async function joinSegment(fleet: Fleet, { steps, segment, lane, name }: Segment): Promise<void> {
  const [left, right] = [steps[segment]!, steps[segment + 1]!];
  const bridge = `b${name}`;
  for (const node of new Set([left.node, right.node])) {
    await fleet.namespaces.configure(fleet.nodes[node]!, [
      `link add ${bridge} mtu ${MTU} type bridge mcast_snooping 0 stp_state 0`,
      `link set ${bridge} up`,
    ]);
  }
  await plug(fleet, { step: left, bridge, side: 'left', address: addressOf(lane, segment, 'left') });
  await plug(fleet, { step: right, bridge, side: 'right', address: addressOf(lane, segment, 'right') });
  if (left.node === right.node) return;
  const vni = 1000 + lane * 16 + segment;
  for (const [here, there] of [
    [left.node, right.node],
    [right.node, left.node],
  ] as const) {
    await fleet.namespaces.configure(fleet.nodes[here]!, [
      `link add v${name} mtu ${MTU} type vxlan id ${vni} local ${underlayAddress(here)} ` +
        `remote ${underlayAddress(there)} dstport ${VXLAN_PORT} dev eth0 nolearning`,
      `link set v${name} master ${bridge} up`,
    ]);
  }
}

interface Plug {
  readonly step: Step;
  readonly bridge: string;
  /** The end of the bridge. It is the opposite side of the step that it belongs to. */
  readonly side: 'left' | 'right';
  readonly address: string;
}

async function plug(fleet: Fleet, { step, bridge, side, address }: Plug): Promise<void> {
  const inside = side === 'left' ? 'right0' : 'left0';
  const outside = `${bridge}${side[0]}`;
  await fleet.namespaces.configure(fleet.nodes[step.node]!, [
    `link add ${outside} mtu ${MTU} type veth peer name ${inside} mtu ${MTU} netns ${step.netns}`,
    `link set ${outside} master ${bridge} up`,
  ]);
  await fleet.namespaces.configure(step.netns, [
    `addr add ${address}/24 dev ${inside}`,
    `link set ${inside} up`,
  ]);
}

/** Adds routes for the first subnet and the last one to every step. */
async function routeLane(fleet: Fleet, steps: readonly Step[], lane: number): Promise<void> {
  const last = steps.length - 2;
  for (const [position, { netns }] of steps.entries()) {
    const routes: string[] = [];
    if (position < last)
      routes.push(`route add 10.${100 + lane}.${last}.0/24 via ${addressOf(lane, position, 'right')}`);
    if (position > 1)
      routes.push(`route add 10.${100 + lane}.0.0/24 via ${addressOf(lane, position - 1, 'left')}`);
    await fleet.namespaces.configure(netns, routes);
  }
}

/** Builds the two references: a cable between client and server, and a routed VXLAN between their nodes. */
export async function buildReferences(fleet: Fleet): Promise<readonly Lane[]> {
  return [await buildDirect(fleet), await buildPlainVxlan(fleet)];
}

export const DIRECT: Row = { placement: 'One node', functions: 0, work: 'forward' };
export const PLAIN_VXLAN: Row = { placement: 'Across nodes', functions: 0, work: 'forward' };

async function buildDirect({ namespaces }: Fleet): Promise<Lane> {
  const client = await namespaces.add('direct-client');
  const server = await namespaces.add('direct-server');
  await namespaces.configure(client, [
    `link add net1 mtu ${MTU} type veth peer name net1 mtu ${MTU} netns ${server}`,
    'addr add 10.99.0.1/24 dev net1',
    'link set net1 up',
  ]);
  await namespaces.configure(server, ['addr add 10.99.0.2/24 dev net1', 'link set net1 up']);
  return { plan: { ...DIRECT, build: 'direct' }, client, server, address: '10.99.0.2', functions: [] };
}

const REFERENCE_NODES = [0, 2] as const;

async function buildPlainVxlan({ namespaces, nodes }: Fleet): Promise<Lane> {
  const ends: string[] = [];
  for (const [end, node] of REFERENCE_NODES.entries()) {
    const netns = await namespaces.add(`vxlan-${end}`);
    const other = REFERENCE_NODES[1 - end]!;
    await namespaces.configure(nodes[node]!, [
      `link add ref0 mtu ${MTU} type veth peer name net1 mtu ${MTU} netns ${netns}`,
      `addr add 10.98.${end}.1/24 dev ref0`,
      'link set ref0 up',
      `link add vref mtu ${MTU} type vxlan id 999 local ${underlayAddress(node)} ` +
        `remote ${underlayAddress(other)} dstport ${VXLAN_PORT} dev eth0 nolearning`,
      `addr add 10.98.9.${end + 1}/24 dev vref`,
      'link set vref up',
      `route add 10.98.${1 - end}.0/24 via 10.98.9.${2 - end}`,
    ]);
    await namespaces.configure(netns, [
      `addr add 10.98.${end}.2/24 dev net1`,
      'link set net1 up',
      `route add default via 10.98.${end}.1`,
    ]);
    await runIn(nodes[node]!, ['sysctl', '-qw', ...FORWARDING]);
    ends.push(netns);
  }
  return {
    plan: { ...PLAIN_VXLAN, build: 'vxlan' },
    client: ends[0]!,
    server: ends[1]!,
    address: '10.98.1.2',
    functions: [],
  };
}
